// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Python that Triton kernels are written in. Expressions are flat
// (`operand (binop operand)*`): the grammar stays LL(1), which is what makes
// ANTLR fast here, and the AST builder applies precedence. NEWLINE, INDENT and
// DEDENT come from IndentingLexer, which wraps the generated lexer.
grammar Triton;

tokens { INDENT, DEDENT, UNKNOWN }

// A kernel file is cut into islands first (Islands.h); an island is one of these.
island: NEWLINE* statement NEWLINE* EOF;

statement: simpleLine | compound;
simpleLine: simple (';' simple)* ';'? NEWLINE;
simple
  : expressionLine
  | 'return' testlist?
  | 'pass'
  | 'break'
  | 'continue'
  | 'assert' test (',' test)?
  | 'raise' (test ('from' test)?)?
  | 'import' dottedAs (',' dottedAs)*
  | 'from' '.'* ('...' '.'*)* dotted? 'import' ('*' | '(' nameAs (',' nameAs?)* ')' | nameAs (',' nameAs)*)
  | ('global' | 'nonlocal') NAME (',' NAME)*
  | 'del' testlist
  | 'yield' testlist?
  ;
dottedAs: dotted ('as' NAME)?;
dotted: NAME ('.' NAME)*;
nameAs: NAME ('as' NAME)?;
expressionLine: testlist (AUGASSIGN testlist | ':' test ('=' testlist)? | ('=' testlist)*);

compound
  : decorator* ('def' NAME '(' parameters? ')' ('->' test)? suite
               | 'class' NAME ('(' arguments? ')')? suite
               | 'async' statement)
  | 'if' test suite ('elif' test suite)* ('else' suite)?
  | 'while' test suite ('else' suite)?
  | 'for' targets 'in' testlist suite ('else' suite)?
  | 'with' withItem (',' withItem)* suite
  | 'try' suite ('except' '*'? (test ('as' NAME)?)? suite)* ('else' suite)? ('finally' suite)?
  ;
decorator: '@' test NEWLINE;
withItem: test ('as' operand)?;
suite: ':' (simpleLine | NEWLINE INDENT statement+ DEDENT);
parameters: parameter (',' parameter?)*;
parameter: NAME (':' test)? ('=' test)? | ('*' | '**') (NAME (':' test)?)? | '/';

testlist: starTest (',' starTest?)*;
starTest: ('*' | '**')? test;
// `a if c else b`, `lambda`, and `name := value`.
test: 'lambda' parameters? ':' test | flat ('if' flat 'else' test)? (':=' test)?;
flat: operand (binop operand)*;
binop
  : 'or' | 'and' | '<' | '>' | '==' | '>=' | '<=' | '!=' | 'in' | 'not' 'in' | 'is' 'not'?
  | '|' | '^' | '&' | '<<' | '>>' | '+' | '-' | '*' | '/' | '%' | '@' | '//' | '**'
  ;
operand: ('not' | '-' | '+' | '~' | 'await')* atom trailer*;
trailer: '(' arguments? ')' | '[' subscripts ']' | '.' NAME;
arguments: argument (',' argument?)*;
argument: ('*' | '**')? test ('=' test | comprehension)?;
subscripts: subscript (',' subscript?)*;
subscript: '*'? test (':' test? (':' test?)?)? | ':' test? (':' test?)?;
atom
  : NAME | NUMBER | STRING+ | 'None' | 'True' | 'False' | '...'
  | '(' (testlist comprehension?)? ')'
  | '[' (testlist comprehension?)? ']'
  | '{' (entry (comprehension | (',' entry?)*))? '}'
  ;
entry: starTest (':' test)?;
comprehension: ('async'? 'for' targets 'in' flat ('if' flat)*)+;
targets: target (',' target?)*;
target: '*'? atom trailer*;

AUGASSIGN: '+=' | '-=' | '*=' | '/=' | '//=' | '%=' | '@=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=';
NAME: [\p{L}_] [\p{L}\p{Nd}\p{Mn}\p{Pc}]*;
NUMBER
  : ('0' [xX] ('_'? [0-9a-fA-F])+ | '0' [oO] ('_'? [0-7])+ | '0' [bB] ('_'? [01])+
  | (DIGITS ('.' DIGITS?)? | '.' DIGITS) ([eE] [+-]? DIGITS)?) [jJ]?
  ;
fragment DIGITS: [0-9] ('_'? [0-9])*;
STRING: PREFIX? (LONG_STRING | SHORT_STRING);
fragment PREFIX: [rRuUbBfF] [rRbBfF]?;
fragment LONG_STRING: '"""' ('\\' . | ~'\\')*? '"""' | '\'\'\'' ('\\' . | ~'\\')*? '\'\'\'';
fragment SHORT_STRING: '"' ('\\' ('\r'? '\n' | .) | ~[\\\r\n"])* '"' | '\'' ('\\' ('\r'? '\n' | .) | ~[\\\r\n'])* '\'';
NEWLINE: '\r'? '\n' | '\r';
JOIN: '\\' [ \t]* ('\r'? '\n' | '\r') -> skip;
SPACE: [ \t\f]+ -> skip;
COMMENT: '#' ~[\r\n]* -> skip;
STRAY: .;
