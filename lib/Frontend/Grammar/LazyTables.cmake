# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# ANTLR before 4.10 has the generated files build their tables before main, in
# every program that links them: 3 of the 6.5 ms of `terrazzo --version`. Here the
# first lexer and the first parser build them.
#   cmake -DFILE=TritonLexer.cpp -P LazyTables.cmake
file(READ ${FILE} text)
string(REGEX REPLACE "\n[A-Za-z]+::Initializer [A-Za-z]+::_init;\n" "\n" text "${text}")
string(REGEX REPLACE "\n  (_interpreter = new )"
       "\n  static Initializer tables;\n  \\1" text "${text}")
if(NOT text MATCHES "static Initializer tables;" OR text MATCHES "::_init;")
  message(FATAL_ERROR "${FILE} has not the shape that ANTLR 4.7 generates")
endif()
file(WRITE ${FILE} "${text}")
