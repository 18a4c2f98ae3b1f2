import triton
import triton.language as tl


@triton.jit
def k(x, n, B: tl.constexpr):
    #: sig(*fp32, i32, B=64)
    if n == 0:
        n = 1
    elif n == 0:
        n = 0
    elif n == 1:
        n = 1
    elif n == 2:
        n = 2
    elif n == 3:
        n = 3
    elif n == 4:
        n = 4
    elif n == 5:
        n = 5
    elif n == 6:
        n = 6
    elif n == 7:
        n = 7
    elif n == 8:
        n = 8
    elif n == 9:
        n = 9
    elif n == 10:
        n = 10
    elif n == 11:
        n = 11
    elif n == 12:
        n = 12
    elif n == 13:
        n = 13
    elif n == 14:
        n = 14
    elif n == 15:
        n = 15
    elif n == 16:
        n = 16
    elif n == 17:
        n = 17
    elif n == 18:
        n = 18
    elif n == 19:
        n = 19
    elif n == 20:
        n = 20
    elif n == 21:
        n = 21
    elif n == 22:
        n = 22
    elif n == 23:
        n = 23
    elif n == 24:
        n = 24
    elif n == 25:
        n = 25
    elif n == 26:
        n = 26
    elif n == 27:
        n = 27
    elif n == 28:
        n = 28
    elif n == 29:
        n = 29
    elif n == 30:
        n = 30
    elif n == 31:
        n = 31
    elif n == 32:
        n = 32
    elif n == 33:
        n = 33
    elif n == 34:
        n = 34
    elif n == 35:
        n = 35
    elif n == 36:
        n = 36
    elif n == 37:
        n = 37
    elif n == 38:
        n = 38
    elif n == 39:
        n = 39
    elif n == 40:
        n = 40
    elif n == 41:
        n = 41
    elif n == 42:
        n = 42
    elif n == 43:
        n = 43
    elif n == 44:
        n = 44
    elif n == 45:
        n = 45
    elif n == 46:
        n = 46
    elif n == 47:
        n = 47
    elif n == 48:
        n = 48
    elif n == 49:
        n = 49
    elif n == 50:
        n = 50
    elif n == 51:
        n = 51
    elif n == 52:
        n = 52
    elif n == 53:
        n = 53
    elif n == 54:
        n = 54
    elif n == 55:
        n = 55
    elif n == 56:
        n = 56
    elif n == 57:
        n = 57
    elif n == 58:
        n = 58
    elif n == 59:
        n = 59
    elif n == 60:
        n = 60
    elif n == 61:
        n = 61
    elif n == 62:
        n = 62
    elif n == 63:
        n = 63
    elif n == 64:
        n = 64
    elif n == 65:
        n = 65
    elif n == 66:
        n = 66
    elif n == 67:
        n = 67
    elif n == 68:
        n = 68
    elif n == 69:
        n = 69
    elif n == 70:
        n = 70
    elif n == 71:
        n = 71
    elif n == 72:
        n = 72
    elif n == 73:
        n = 73
    elif n == 74:
        n = 74
    elif n == 75:
        n = 75
    elif n == 76:
        n = 76
    elif n == 77:
        n = 77
    elif n == 78:
        n = 78
    elif n == 79:
        n = 79
    elif n == 80:
        n = 80
    elif n == 81:
        n = 81
    elif n == 82:
        n = 82
    elif n == 83:
        n = 83
    elif n == 84:
        n = 84
    elif n == 85:
        n = 85
    elif n == 86:
        n = 86
    elif n == 87:
        n = 87
    elif n == 88:
        n = 88
    elif n == 89:
        n = 89
    elif n == 90:
        n = 90
    elif n == 91:
        n = 91
    elif n == 92:
        n = 92
    elif n == 93:
        n = 93
    elif n == 94:
        n = 94
    elif n == 95:
        n = 95
    elif n == 96:
        n = 96
    elif n == 97:
        n = 97
    elif n == 98:
        n = 98
    elif n == 99:
        n = 99
    elif n == 100:
        n = 100
    elif n == 101:
        n = 101
    elif n == 102:
        n = 102
    elif n == 103:
        n = 103
    elif n == 104:
        n = 104
    elif n == 105:
        n = 105
    elif n == 106:
        n = 106
    elif n == 107:
        n = 107
    elif n == 108:
        n = 108
    elif n == 109:
        n = 109
    elif n == 110:
        n = 110
    elif n == 111:
        n = 111
    elif n == 112:
        n = 112
    elif n == 113:
        n = 113
    elif n == 114:
        n = 114
    elif n == 115:
        n = 115
    elif n == 116:
        n = 116
    elif n == 117:
        n = 117
    elif n == 118:
        n = 118
    elif n == 119:
        n = 119
    elif n == 120:
        n = 120
    elif n == 121:
        n = 121
    elif n == 122:
        n = 122
    elif n == 123:
        n = 123
    elif n == 124:
        n = 124
    elif n == 125:
        n = 125
    elif n == 126:
        n = 126
    elif n == 127:
        n = 127
    elif n == 128:
        n = 128
    elif n == 129:
        n = 129
    elif n == 130:
        n = 130
    elif n == 131:
        n = 131
    elif n == 132:
        n = 132
    elif n == 133:
        n = 133
    elif n == 134:
        n = 134
    elif n == 135:
        n = 135
    elif n == 136:
        n = 136
    elif n == 137:
        n = 137
    elif n == 138:
        n = 138
    elif n == 139:
        n = 139
    elif n == 140:
        n = 140
    elif n == 141:
        n = 141
    elif n == 142:
        n = 142
    elif n == 143:
        n = 143
    elif n == 144:
        n = 144
    elif n == 145:
        n = 145
    elif n == 146:
        n = 146
    elif n == 147:
        n = 147
    elif n == 148:
        n = 148
    elif n == 149:
        n = 149
    elif n == 150:
        n = 150
    elif n == 151:
        n = 151
    elif n == 152:
        n = 152
    elif n == 153:
        n = 153
    elif n == 154:
        n = 154
    elif n == 155:
        n = 155
    elif n == 156:
        n = 156
    elif n == 157:
        n = 157
    elif n == 158:
        n = 158
    elif n == 159:
        n = 159
    elif n == 160:
        n = 160
    elif n == 161:
        n = 161
    elif n == 162:
        n = 162
    elif n == 163:
        n = 163
    elif n == 164:
        n = 164
    elif n == 165:
        n = 165
    elif n == 166:
        n = 166
    elif n == 167:
        n = 167
    elif n == 168:
        n = 168
    elif n == 169:
        n = 169
    elif n == 170:
        n = 170
    elif n == 171:
        n = 171
    elif n == 172:
        n = 172
    elif n == 173:
        n = 173
    elif n == 174:
        n = 174
    elif n == 175:
        n = 175
    elif n == 176:
        n = 176
    elif n == 177:
        n = 177
    elif n == 178:
        n = 178
    elif n == 179:
        n = 179
    elif n == 180:
        n = 180
    elif n == 181:
        n = 181
    elif n == 182:
        n = 182
    elif n == 183:
        n = 183
    elif n == 184:
        n = 184
    elif n == 185:
        n = 185
    elif n == 186:
        n = 186
    elif n == 187:
        n = 187
    elif n == 188:
        n = 188
    elif n == 189:
        n = 189
    elif n == 190:
        n = 190
    elif n == 191:
        n = 191
    elif n == 192:
        n = 192
    elif n == 193:
        n = 193
    elif n == 194:
        n = 194
    elif n == 195:
        n = 195
    elif n == 196:
        n = 196
    elif n == 197:
        n = 197
    elif n == 198:
        n = 198
    elif n == 199:
        n = 199
    elif n == 200:
        n = 200
    elif n == 201:
        n = 201
    elif n == 202:
        n = 202
    elif n == 203:
        n = 203
    elif n == 204:
        n = 204
    elif n == 205:
        n = 205
    elif n == 206:
        n = 206
    elif n == 207:
        n = 207
    elif n == 208:
        n = 208
    elif n == 209:
        n = 209
    elif n == 210:
        n = 210
    elif n == 211:
        n = 211
    elif n == 212:
        n = 212
    elif n == 213:
        n = 213
    elif n == 214:
        n = 214
    elif n == 215:
        n = 215
    elif n == 216:
        n = 216
    elif n == 217:
        n = 217
    elif n == 218:
        n = 218
    elif n == 219:
        n = 219
    elif n == 220:
        n = 220
    elif n == 221:
        n = 221
    elif n == 222:
        n = 222
    elif n == 223:
        n = 223
    elif n == 224:
        n = 224
    elif n == 225:
        n = 225
    elif n == 226:
        n = 226
    elif n == 227:
        n = 227
    elif n == 228:
        n = 228
    elif n == 229:
        n = 229
    elif n == 230:
        n = 230
    elif n == 231:
        n = 231
    elif n == 232:
        n = 232
    elif n == 233:
        n = 233
    elif n == 234:
        n = 234
    elif n == 235:
        n = 235
    elif n == 236:
        n = 236
    elif n == 237:
        n = 237
    elif n == 238:
        n = 238
    elif n == 239:
        n = 239
    elif n == 240:
        n = 240
    elif n == 241:
        n = 241
    elif n == 242:
        n = 242
    elif n == 243:
        n = 243
    elif n == 244:
        n = 244
    elif n == 245:
        n = 245
    elif n == 246:
        n = 246
    elif n == 247:
        n = 247
    elif n == 248:
        n = 248
    elif n == 249:
        n = 249
    elif n == 250:
        n = 250
    elif n == 251:
        n = 251
    elif n == 252:
        n = 252
    elif n == 253:
        n = 253
    elif n == 254:
        n = 254
    elif n == 255:
        n = 255
    elif n == 256:
        n = 256
    elif n == 257:
        n = 257
    elif n == 258:
        n = 258
    elif n == 259:
        n = 259
    elif n == 260:
        n = 260
    elif n == 261:
        n = 261
    elif n == 262:
        n = 262
    elif n == 263:
        n = 263
    elif n == 264:
        n = 264
    elif n == 265:
        n = 265
    elif n == 266:
        n = 266
    elif n == 267:
        n = 267
    elif n == 268:
        n = 268
    elif n == 269:
        n = 269
    elif n == 270:
        n = 270
    elif n == 271:
        n = 271
    elif n == 272:
        n = 272
    elif n == 273:
        n = 273
    elif n == 274:
        n = 274
    elif n == 275:
        n = 275
    elif n == 276:
        n = 276
    elif n == 277:
        n = 277
    elif n == 278:
        n = 278
    elif n == 279:
        n = 279
    elif n == 280:
        n = 280
    elif n == 281:
        n = 281
    elif n == 282:
        n = 282
    elif n == 283:
        n = 283
    elif n == 284:
        n = 284
    elif n == 285:
        n = 285
    elif n == 286:
        n = 286
    elif n == 287:
        n = 287
    elif n == 288:
        n = 288
    elif n == 289:
        n = 289
    elif n == 290:
        n = 290
    elif n == 291:
        n = 291
    elif n == 292:
        n = 292
    elif n == 293:
        n = 293
    elif n == 294:
        n = 294
    elif n == 295:
        n = 295
    elif n == 296:
        n = 296
    elif n == 297:
        n = 297
    elif n == 298:
        n = 298
    elif n == 299:
        n = 299
    elif n == 300:
        n = 300
    elif n == 301:
        n = 301
    elif n == 302:
        n = 302
    elif n == 303:
        n = 303
    elif n == 304:
        n = 304
    elif n == 305:
        n = 305
    elif n == 306:
        n = 306
    elif n == 307:
        n = 307
    elif n == 308:
        n = 308
    elif n == 309:
        n = 309
    elif n == 310:
        n = 310
    elif n == 311:
        n = 311
    elif n == 312:
        n = 312
    elif n == 313:
        n = 313
    elif n == 314:
        n = 314
    elif n == 315:
        n = 315
    elif n == 316:
        n = 316
    elif n == 317:
        n = 317
    elif n == 318:
        n = 318
    elif n == 319:
        n = 319
    elif n == 320:
        n = 320
    elif n == 321:
        n = 321
    elif n == 322:
        n = 322
    elif n == 323:
        n = 323
    elif n == 324:
        n = 324
    elif n == 325:
        n = 325
    elif n == 326:
        n = 326
    elif n == 327:
        n = 327
    elif n == 328:
        n = 328
    elif n == 329:
        n = 329
    elif n == 330:
        n = 330
    elif n == 331:
        n = 331
    elif n == 332:
        n = 332
    elif n == 333:
        n = 333
    elif n == 334:
        n = 334
    elif n == 335:
        n = 335
    elif n == 336:
        n = 336
    elif n == 337:
        n = 337
    elif n == 338:
        n = 338
    elif n == 339:
        n = 339
    elif n == 340:
        n = 340
    elif n == 341:
        n = 341
    elif n == 342:
        n = 342
    elif n == 343:
        n = 343
    elif n == 344:
        n = 344
    elif n == 345:
        n = 345
    elif n == 346:
        n = 346
    elif n == 347:
        n = 347
    elif n == 348:
        n = 348
    elif n == 349:
        n = 349
    elif n == 350:
        n = 350
    elif n == 351:
        n = 351
    elif n == 352:
        n = 352
    elif n == 353:
        n = 353
    elif n == 354:
        n = 354
    elif n == 355:
        n = 355
    elif n == 356:
        n = 356
    elif n == 357:
        n = 357
    elif n == 358:
        n = 358
    elif n == 359:
        n = 359
    elif n == 360:
        n = 360
    elif n == 361:
        n = 361
    elif n == 362:
        n = 362
    elif n == 363:
        n = 363
    elif n == 364:
        n = 364
    elif n == 365:
        n = 365
    elif n == 366:
        n = 366
    elif n == 367:
        n = 367
    elif n == 368:
        n = 368
    elif n == 369:
        n = 369
    elif n == 370:
        n = 370
    elif n == 371:
        n = 371
    elif n == 372:
        n = 372
    elif n == 373:
        n = 373
    elif n == 374:
        n = 374
    elif n == 375:
        n = 375
    elif n == 376:
        n = 376
    elif n == 377:
        n = 377
    elif n == 378:
        n = 378
    elif n == 379:
        n = 379
    elif n == 380:
        n = 380
    elif n == 381:
        n = 381
    elif n == 382:
        n = 382
    elif n == 383:
        n = 383
    elif n == 384:
        n = 384
    elif n == 385:
        n = 385
    elif n == 386:
        n = 386
    elif n == 387:
        n = 387
    elif n == 388:
        n = 388
    elif n == 389:
        n = 389
    elif n == 390:
        n = 390
    elif n == 391:
        n = 391
    elif n == 392:
        n = 392
    elif n == 393:
        n = 393
    elif n == 394:
        n = 394
    elif n == 395:
        n = 395
    elif n == 396:
        n = 396
    elif n == 397:
        n = 397
    elif n == 398:
        n = 398
    elif n == 399:
        n = 399
    elif n == 400:
        n = 400
    elif n == 401:
        n = 401
    elif n == 402:
        n = 402
    elif n == 403:
        n = 403
    elif n == 404:
        n = 404
    elif n == 405:
        n = 405
    elif n == 406:
        n = 406
    elif n == 407:
        n = 407
    elif n == 408:
        n = 408
    elif n == 409:
        n = 409
    elif n == 410:
        n = 410
    elif n == 411:
        n = 411
    elif n == 412:
        n = 412
    elif n == 413:
        n = 413
    elif n == 414:
        n = 414
    elif n == 415:
        n = 415
    elif n == 416:
        n = 416
    elif n == 417:
        n = 417
    elif n == 418:
        n = 418
    elif n == 419:
        n = 419
    elif n == 420:
        n = 420
    elif n == 421:
        n = 421
    elif n == 422:
        n = 422
    elif n == 423:
        n = 423
    elif n == 424:
        n = 424
    elif n == 425:
        n = 425
    elif n == 426:
        n = 426
    elif n == 427:
        n = 427
    elif n == 428:
        n = 428
    elif n == 429:
        n = 429
    elif n == 430:
        n = 430
    elif n == 431:
        n = 431
    elif n == 432:
        n = 432
    elif n == 433:
        n = 433
    elif n == 434:
        n = 434
    elif n == 435:
        n = 435
    elif n == 436:
        n = 436
    elif n == 437:
        n = 437
    elif n == 438:
        n = 438
    elif n == 439:
        n = 439
    elif n == 440:
        n = 440
    elif n == 441:
        n = 441
    elif n == 442:
        n = 442
    elif n == 443:
        n = 443
    elif n == 444:
        n = 444
    elif n == 445:
        n = 445
    elif n == 446:
        n = 446
    elif n == 447:
        n = 447
    elif n == 448:
        n = 448
    elif n == 449:
        n = 449
    elif n == 450:
        n = 450
    elif n == 451:
        n = 451
    elif n == 452:
        n = 452
    elif n == 453:
        n = 453
    elif n == 454:
        n = 454
    elif n == 455:
        n = 455
    elif n == 456:
        n = 456
    elif n == 457:
        n = 457
    elif n == 458:
        n = 458
    elif n == 459:
        n = 459
    elif n == 460:
        n = 460
    elif n == 461:
        n = 461
    elif n == 462:
        n = 462
    elif n == 463:
        n = 463
    elif n == 464:
        n = 464
    elif n == 465:
        n = 465
    elif n == 466:
        n = 466
    elif n == 467:
        n = 467
    elif n == 468:
        n = 468
    elif n == 469:
        n = 469
    elif n == 470:
        n = 470
    elif n == 471:
        n = 471
    elif n == 472:
        n = 472
    elif n == 473:
        n = 473
    elif n == 474:
        n = 474
    elif n == 475:
        n = 475
    elif n == 476:
        n = 476
    elif n == 477:
        n = 477
    elif n == 478:
        n = 478
    elif n == 479:
        n = 479
    elif n == 480:
        n = 480
    elif n == 481:
        n = 481
    elif n == 482:
        n = 482
    elif n == 483:
        n = 483
    elif n == 484:
        n = 484
    elif n == 485:
        n = 485
    elif n == 486:
        n = 486
    elif n == 487:
        n = 487
    elif n == 488:
        n = 488
    elif n == 489:
        n = 489
    elif n == 490:
        n = 490
    elif n == 491:
        n = 491
    elif n == 492:
        n = 492
    elif n == 493:
        n = 493
    elif n == 494:
        n = 494
    elif n == 495:
        n = 495
    elif n == 496:
        n = 496
    elif n == 497:
        n = 497
    elif n == 498:
        n = 498
    elif n == 499:
        n = 499
    elif n == 500:
        n = 500
    elif n == 501:
        n = 501
    elif n == 502:
        n = 502
    elif n == 503:
        n = 503
    elif n == 504:
        n = 504
    elif n == 505:
        n = 505
    elif n == 506:
        n = 506
    elif n == 507:
        n = 507
    elif n == 508:
        n = 508
    elif n == 509:
        n = 509
    elif n == 510:
        n = 510
    elif n == 511:
        n = 511
    elif n == 512:
        n = 512
    elif n == 513:
        n = 513
    elif n == 514:
        n = 514
    elif n == 515:
        n = 515
    elif n == 516:
        n = 516
    elif n == 517:
        n = 517
    elif n == 518:
        n = 518
    elif n == 519:
        n = 519
    elif n == 520:
        n = 520
    elif n == 521:
        n = 521
    elif n == 522:
        n = 522
    elif n == 523:
        n = 523
    elif n == 524:
        n = 524
    elif n == 525:
        n = 525
    elif n == 526:
        n = 526
    elif n == 527:
        n = 527
    elif n == 528:
        n = 528
    elif n == 529:
        n = 529
    elif n == 530:
        n = 530
    elif n == 531:
        n = 531
    elif n == 532:
        n = 532
    elif n == 533:
        n = 533
    elif n == 534:
        n = 534
    elif n == 535:
        n = 535
    elif n == 536:
        n = 536
    elif n == 537:
        n = 537
    elif n == 538:
        n = 538
    elif n == 539:
        n = 539
    elif n == 540:
        n = 540
    elif n == 541:
        n = 541
    elif n == 542:
        n = 542
    elif n == 543:
        n = 543
    elif n == 544:
        n = 544
    elif n == 545:
        n = 545
    elif n == 546:
        n = 546
    elif n == 547:
        n = 547
    elif n == 548:
        n = 548
    elif n == 549:
        n = 549
    elif n == 550:
        n = 550
    elif n == 551:
        n = 551
    elif n == 552:
        n = 552
    elif n == 553:
        n = 553
    elif n == 554:
        n = 554
    elif n == 555:
        n = 555
    elif n == 556:
        n = 556
    elif n == 557:
        n = 557
    elif n == 558:
        n = 558
    elif n == 559:
        n = 559
    elif n == 560:
        n = 560
    elif n == 561:
        n = 561
    elif n == 562:
        n = 562
    elif n == 563:
        n = 563
    elif n == 564:
        n = 564
    elif n == 565:
        n = 565
    elif n == 566:
        n = 566
    elif n == 567:
        n = 567
    elif n == 568:
        n = 568
    elif n == 569:
        n = 569
    elif n == 570:
        n = 570
    elif n == 571:
        n = 571
    elif n == 572:
        n = 572
    elif n == 573:
        n = 573
    elif n == 574:
        n = 574
    elif n == 575:
        n = 575
    elif n == 576:
        n = 576
    elif n == 577:
        n = 577
    elif n == 578:
        n = 578
    elif n == 579:
        n = 579
    elif n == 580:
        n = 580
    elif n == 581:
        n = 581
    elif n == 582:
        n = 582
    elif n == 583:
        n = 583
    elif n == 584:
        n = 584
    elif n == 585:
        n = 585
    elif n == 586:
        n = 586
    elif n == 587:
        n = 587
    elif n == 588:
        n = 588
    elif n == 589:
        n = 589
    elif n == 590:
        n = 590
    elif n == 591:
        n = 591
    elif n == 592:
        n = 592
    elif n == 593:
        n = 593
    elif n == 594:
        n = 594
    elif n == 595:
        n = 595
    elif n == 596:
        n = 596
    elif n == 597:
        n = 597
    elif n == 598:
        n = 598
    elif n == 599:
        n = 599
    elif n == 600:
        n = 600
    elif n == 601:
        n = 601
    elif n == 602:
        n = 602
    elif n == 603:
        n = 603
    elif n == 604:
        n = 604
    elif n == 605:
        n = 605
    elif n == 606:
        n = 606
    elif n == 607:
        n = 607
    elif n == 608:
        n = 608
    elif n == 609:
        n = 609
    elif n == 610:
        n = 610
    elif n == 611:
        n = 611
    elif n == 612:
        n = 612
    elif n == 613:
        n = 613
    elif n == 614:
        n = 614
    elif n == 615:
        n = 615
    elif n == 616:
        n = 616
    elif n == 617:
        n = 617
    elif n == 618:
        n = 618
    elif n == 619:
        n = 619
    elif n == 620:
        n = 620
    elif n == 621:
        n = 621
    elif n == 622:
        n = 622
    elif n == 623:
        n = 623
    elif n == 624:
        n = 624
    elif n == 625:
        n = 625
    elif n == 626:
        n = 626
    elif n == 627:
        n = 627
    elif n == 628:
        n = 628
    elif n == 629:
        n = 629
    elif n == 630:
        n = 630
    elif n == 631:
        n = 631
    elif n == 632:
        n = 632
    elif n == 633:
        n = 633
    elif n == 634:
        n = 634
    elif n == 635:
        n = 635
    elif n == 636:
        n = 636
    elif n == 637:
        n = 637
    elif n == 638:
        n = 638
    elif n == 639:
        n = 639
    elif n == 640:
        n = 640
    elif n == 641:
        n = 641
    elif n == 642:
        n = 642
    elif n == 643:
        n = 643
    elif n == 644:
        n = 644
    elif n == 645:
        n = 645
    elif n == 646:
        n = 646
    elif n == 647:
        n = 647
    elif n == 648:
        n = 648
    elif n == 649:
        n = 649
    elif n == 650:
        n = 650
    elif n == 651:
        n = 651
    elif n == 652:
        n = 652
    elif n == 653:
        n = 653
    elif n == 654:
        n = 654
    elif n == 655:
        n = 655
    elif n == 656:
        n = 656
    elif n == 657:
        n = 657
    elif n == 658:
        n = 658
    elif n == 659:
        n = 659
    elif n == 660:
        n = 660
    elif n == 661:
        n = 661
    elif n == 662:
        n = 662
    elif n == 663:
        n = 663
    elif n == 664:
        n = 664
    elif n == 665:
        n = 665
    elif n == 666:
        n = 666
    elif n == 667:
        n = 667
    elif n == 668:
        n = 668
    elif n == 669:
        n = 669
    elif n == 670:
        n = 670
    elif n == 671:
        n = 671
    elif n == 672:
        n = 672
    elif n == 673:
        n = 673
    elif n == 674:
        n = 674
    elif n == 675:
        n = 675
    elif n == 676:
        n = 676
    elif n == 677:
        n = 677
    elif n == 678:
        n = 678
    elif n == 679:
        n = 679
    elif n == 680:
        n = 680
    elif n == 681:
        n = 681
    elif n == 682:
        n = 682
    elif n == 683:
        n = 683
    elif n == 684:
        n = 684
    elif n == 685:
        n = 685
    elif n == 686:
        n = 686
    elif n == 687:
        n = 687
    elif n == 688:
        n = 688
    elif n == 689:
        n = 689
    elif n == 690:
        n = 690
    elif n == 691:
        n = 691
    elif n == 692:
        n = 692
    elif n == 693:
        n = 693
    elif n == 694:
        n = 694
    elif n == 695:
        n = 695
    elif n == 696:
        n = 696
    elif n == 697:
        n = 697
    elif n == 698:
        n = 698
    elif n == 699:
        n = 699
    elif n == 700:
        n = 700
    elif n == 701:
        n = 701
    elif n == 702:
        n = 702
    elif n == 703:
        n = 703
    elif n == 704:
        n = 704
    elif n == 705:
        n = 705
    elif n == 706:
        n = 706
    elif n == 707:
        n = 707
    elif n == 708:
        n = 708
    elif n == 709:
        n = 709
    elif n == 710:
        n = 710
    elif n == 711:
        n = 711
    elif n == 712:
        n = 712
    elif n == 713:
        n = 713
    elif n == 714:
        n = 714
    elif n == 715:
        n = 715
    elif n == 716:
        n = 716
    elif n == 717:
        n = 717
    elif n == 718:
        n = 718
    elif n == 719:
        n = 719
    elif n == 720:
        n = 720
    elif n == 721:
        n = 721
    elif n == 722:
        n = 722
    elif n == 723:
        n = 723
    elif n == 724:
        n = 724
    elif n == 725:
        n = 725
    elif n == 726:
        n = 726
    elif n == 727:
        n = 727
    elif n == 728:
        n = 728
    elif n == 729:
        n = 729
    elif n == 730:
        n = 730
    elif n == 731:
        n = 731
    elif n == 732:
        n = 732
    elif n == 733:
        n = 733
    elif n == 734:
        n = 734
    elif n == 735:
        n = 735
    elif n == 736:
        n = 736
    elif n == 737:
        n = 737
    elif n == 738:
        n = 738
    elif n == 739:
        n = 739
    elif n == 740:
        n = 740
    elif n == 741:
        n = 741
    elif n == 742:
        n = 742
    elif n == 743:
        n = 743
    elif n == 744:
        n = 744
    elif n == 745:
        n = 745
    elif n == 746:
        n = 746
    elif n == 747:
        n = 747
    elif n == 748:
        n = 748
    elif n == 749:
        n = 749
    elif n == 750:
        n = 750
    elif n == 751:
        n = 751
    elif n == 752:
        n = 752
    elif n == 753:
        n = 753
    elif n == 754:
        n = 754
    elif n == 755:
        n = 755
    elif n == 756:
        n = 756
    elif n == 757:
        n = 757
    elif n == 758:
        n = 758
    elif n == 759:
        n = 759
    elif n == 760:
        n = 760
    elif n == 761:
        n = 761
    elif n == 762:
        n = 762
    elif n == 763:
        n = 763
    elif n == 764:
        n = 764
    elif n == 765:
        n = 765
    elif n == 766:
        n = 766
    elif n == 767:
        n = 767
    elif n == 768:
        n = 768
    elif n == 769:
        n = 769
    elif n == 770:
        n = 770
    elif n == 771:
        n = 771
    elif n == 772:
        n = 772
    elif n == 773:
        n = 773
    elif n == 774:
        n = 774
    elif n == 775:
        n = 775
    elif n == 776:
        n = 776
    elif n == 777:
        n = 777
    elif n == 778:
        n = 778
    elif n == 779:
        n = 779
    elif n == 780:
        n = 780
    elif n == 781:
        n = 781
    elif n == 782:
        n = 782
    elif n == 783:
        n = 783
    elif n == 784:
        n = 784
    elif n == 785:
        n = 785
    elif n == 786:
        n = 786
    elif n == 787:
        n = 787
    elif n == 788:
        n = 788
    elif n == 789:
        n = 789
    elif n == 790:
        n = 790
    elif n == 791:
        n = 791
    elif n == 792:
        n = 792
    elif n == 793:
        n = 793
    elif n == 794:
        n = 794
    elif n == 795:
        n = 795
    elif n == 796:
        n = 796
    elif n == 797:
        n = 797
    elif n == 798:
        n = 798
    elif n == 799:
        n = 799
    elif n == 800:
        n = 800
    elif n == 801:
        n = 801
    elif n == 802:
        n = 802
    elif n == 803:
        n = 803
    elif n == 804:
        n = 804
    elif n == 805:
        n = 805
    elif n == 806:
        n = 806
    elif n == 807:
        n = 807
    elif n == 808:
        n = 808
    elif n == 809:
        n = 809
    elif n == 810:
        n = 810
    elif n == 811:
        n = 811
    elif n == 812:
        n = 812
    elif n == 813:
        n = 813
    elif n == 814:
        n = 814
    elif n == 815:
        n = 815
    elif n == 816:
        n = 816
    elif n == 817:
        n = 817
    elif n == 818:
        n = 818
    elif n == 819:
        n = 819
    elif n == 820:
        n = 820
    elif n == 821:
        n = 821
    elif n == 822:
        n = 822
    elif n == 823:
        n = 823
    elif n == 824:
        n = 824
    elif n == 825:
        n = 825
    elif n == 826:
        n = 826
    elif n == 827:
        n = 827
    elif n == 828:
        n = 828
    elif n == 829:
        n = 829
    elif n == 830:
        n = 830
    elif n == 831:
        n = 831
    elif n == 832:
        n = 832
    elif n == 833:
        n = 833
    elif n == 834:
        n = 834
    elif n == 835:
        n = 835
    elif n == 836:
        n = 836
    elif n == 837:
        n = 837
    elif n == 838:
        n = 838
    elif n == 839:
        n = 839
    elif n == 840:
        n = 840
    elif n == 841:
        n = 841
    elif n == 842:
        n = 842
    elif n == 843:
        n = 843
    elif n == 844:
        n = 844
    elif n == 845:
        n = 845
    elif n == 846:
        n = 846
    elif n == 847:
        n = 847
    elif n == 848:
        n = 848
    elif n == 849:
        n = 849
    elif n == 850:
        n = 850
    elif n == 851:
        n = 851
    elif n == 852:
        n = 852
    elif n == 853:
        n = 853
    elif n == 854:
        n = 854
    elif n == 855:
        n = 855
    elif n == 856:
        n = 856
    elif n == 857:
        n = 857
    elif n == 858:
        n = 858
    elif n == 859:
        n = 859
    elif n == 860:
        n = 860
    elif n == 861:
        n = 861
    elif n == 862:
        n = 862
    elif n == 863:
        n = 863
    elif n == 864:
        n = 864
    elif n == 865:
        n = 865
    elif n == 866:
        n = 866
    elif n == 867:
        n = 867
    elif n == 868:
        n = 868
    elif n == 869:
        n = 869
    elif n == 870:
        n = 870
    elif n == 871:
        n = 871
    elif n == 872:
        n = 872
    elif n == 873:
        n = 873
    elif n == 874:
        n = 874
    elif n == 875:
        n = 875
    elif n == 876:
        n = 876
    elif n == 877:
        n = 877
    elif n == 878:
        n = 878
    elif n == 879:
        n = 879
    elif n == 880:
        n = 880
    elif n == 881:
        n = 881
    elif n == 882:
        n = 882
    elif n == 883:
        n = 883
    elif n == 884:
        n = 884
    elif n == 885:
        n = 885
    elif n == 886:
        n = 886
    elif n == 887:
        n = 887
    elif n == 888:
        n = 888
    elif n == 889:
        n = 889
    elif n == 890:
        n = 890
    elif n == 891:
        n = 891
    elif n == 892:
        n = 892
    elif n == 893:
        n = 893
    elif n == 894:
        n = 894
    elif n == 895:
        n = 895
    elif n == 896:
        n = 896
    elif n == 897:
        n = 897
    elif n == 898:
        n = 898
    elif n == 899:
        n = 899
    elif n == 900:
        n = 900
    elif n == 901:
        n = 901
    elif n == 902:
        n = 902
    elif n == 903:
        n = 903
    elif n == 904:
        n = 904
    elif n == 905:
        n = 905
    elif n == 906:
        n = 906
    elif n == 907:
        n = 907
    elif n == 908:
        n = 908
    elif n == 909:
        n = 909
    elif n == 910:
        n = 910
    elif n == 911:
        n = 911
    elif n == 912:
        n = 912
    elif n == 913:
        n = 913
    elif n == 914:
        n = 914
    elif n == 915:
        n = 915
    elif n == 916:
        n = 916
    elif n == 917:
        n = 917
    elif n == 918:
        n = 918
    elif n == 919:
        n = 919
    elif n == 920:
        n = 920
    elif n == 921:
        n = 921
    elif n == 922:
        n = 922
    elif n == 923:
        n = 923
    elif n == 924:
        n = 924
    elif n == 925:
        n = 925
    elif n == 926:
        n = 926
    elif n == 927:
        n = 927
    elif n == 928:
        n = 928
    elif n == 929:
        n = 929
    elif n == 930:
        n = 930
    elif n == 931:
        n = 931
    elif n == 932:
        n = 932
    elif n == 933:
        n = 933
    elif n == 934:
        n = 934
    elif n == 935:
        n = 935
    elif n == 936:
        n = 936
    elif n == 937:
        n = 937
    elif n == 938:
        n = 938
    elif n == 939:
        n = 939
    elif n == 940:
        n = 940
    elif n == 941:
        n = 941
    elif n == 942:
        n = 942
    elif n == 943:
        n = 943
    elif n == 944:
        n = 944
    elif n == 945:
        n = 945
    elif n == 946:
        n = 946
    elif n == 947:
        n = 947
    elif n == 948:
        n = 948
    elif n == 949:
        n = 949
    elif n == 950:
        n = 950
    elif n == 951:
        n = 951
    elif n == 952:
        n = 952
    elif n == 953:
        n = 953
    elif n == 954:
        n = 954
    elif n == 955:
        n = 955
    elif n == 956:
        n = 956
    elif n == 957:
        n = 957
    elif n == 958:
        n = 958
    elif n == 959:
        n = 959
    elif n == 960:
        n = 960
    elif n == 961:
        n = 961
    elif n == 962:
        n = 962
    elif n == 963:
        n = 963
    elif n == 964:
        n = 964
    elif n == 965:
        n = 965
    elif n == 966:
        n = 966
    elif n == 967:
        n = 967
    elif n == 968:
        n = 968
    elif n == 969:
        n = 969
    elif n == 970:
        n = 970
    elif n == 971:
        n = 971
    elif n == 972:
        n = 972
    elif n == 973:
        n = 973
    elif n == 974:
        n = 974
    elif n == 975:
        n = 975
    elif n == 976:
        n = 976
    elif n == 977:
        n = 977
    elif n == 978:
        n = 978
    elif n == 979:
        n = 979
    elif n == 980:
        n = 980
    elif n == 981:
        n = 981
    elif n == 982:
        n = 982
    elif n == 983:
        n = 983
    elif n == 984:
        n = 984
    elif n == 985:
        n = 985
    elif n == 986:
        n = 986
    elif n == 987:
        n = 987
    elif n == 988:
        n = 988
    elif n == 989:
        n = 989
    elif n == 990:
        n = 990
    elif n == 991:
        n = 991
    elif n == 992:
        n = 992
    elif n == 993:
        n = 993
    elif n == 994:
        n = 994
    elif n == 995:
        n = 995
    elif n == 996:
        n = 996
    elif n == 997:
        n = 997
    elif n == 998:
        n = 998
    elif n == 999:
        n = 999
    elif n == 1000:
        n = 1000
    elif n == 1001:
        n = 1001
    elif n == 1002:
        n = 1002
    elif n == 1003:
        n = 1003
    elif n == 1004:
        n = 1004
    elif n == 1005:
        n = 1005
    elif n == 1006:
        n = 1006
    elif n == 1007:
        n = 1007
    elif n == 1008:
        n = 1008
    elif n == 1009:
        n = 1009
    elif n == 1010:
        n = 1010
    elif n == 1011:
        n = 1011
    elif n == 1012:
        n = 1012
    elif n == 1013:
        n = 1013
    elif n == 1014:
        n = 1014
    elif n == 1015:
        n = 1015
    elif n == 1016:
        n = 1016
    elif n == 1017:
        n = 1017
    elif n == 1018:
        n = 1018
    elif n == 1019:
        n = 1019
    elif n == 1020:
        n = 1020
    elif n == 1021:
        n = 1021
    elif n == 1022:
        n = 1022
    elif n == 1023:
        n = 1023
    elif n == 1024:
        n = 1024
    elif n == 1025:
        n = 1025
    elif n == 1026:
        n = 1026
    elif n == 1027:
        n = 1027
    elif n == 1028:
        n = 1028
    elif n == 1029:
        n = 1029
    elif n == 1030:
        n = 1030
    elif n == 1031:
        n = 1031
    elif n == 1032:
        n = 1032
    elif n == 1033:
        n = 1033
    elif n == 1034:
        n = 1034
    elif n == 1035:
        n = 1035
    elif n == 1036:
        n = 1036
    elif n == 1037:
        n = 1037
    elif n == 1038:
        n = 1038
    elif n == 1039:
        n = 1039
    elif n == 1040:
        n = 1040
    elif n == 1041:
        n = 1041
    elif n == 1042:
        n = 1042
    elif n == 1043:
        n = 1043
    elif n == 1044:
        n = 1044
    elif n == 1045:
        n = 1045
    elif n == 1046:
        n = 1046
    elif n == 1047:
        n = 1047
    elif n == 1048:
        n = 1048
    elif n == 1049:
        n = 1049
    elif n == 1050:
        n = 1050
    elif n == 1051:
        n = 1051
    elif n == 1052:
        n = 1052
    elif n == 1053:
        n = 1053
    elif n == 1054:
        n = 1054
    elif n == 1055:
        n = 1055
    elif n == 1056:
        n = 1056
    elif n == 1057:
        n = 1057
    elif n == 1058:
        n = 1058
    elif n == 1059:
        n = 1059
    elif n == 1060:
        n = 1060
    elif n == 1061:
        n = 1061
    elif n == 1062:
        n = 1062
    elif n == 1063:
        n = 1063
    elif n == 1064:
        n = 1064
    elif n == 1065:
        n = 1065
    elif n == 1066:
        n = 1066
    elif n == 1067:
        n = 1067
    elif n == 1068:
        n = 1068
    elif n == 1069:
        n = 1069
    elif n == 1070:
        n = 1070
    elif n == 1071:
        n = 1071
    elif n == 1072:
        n = 1072
    elif n == 1073:
        n = 1073
    elif n == 1074:
        n = 1074
    elif n == 1075:
        n = 1075
    elif n == 1076:
        n = 1076
    elif n == 1077:
        n = 1077
    elif n == 1078:
        n = 1078
    elif n == 1079:
        n = 1079
    elif n == 1080:
        n = 1080
    elif n == 1081:
        n = 1081
    elif n == 1082:
        n = 1082
    elif n == 1083:
        n = 1083
    elif n == 1084:
        n = 1084
    elif n == 1085:
        n = 1085
    elif n == 1086:
        n = 1086
    elif n == 1087:
        n = 1087
    elif n == 1088:
        n = 1088
    elif n == 1089:
        n = 1089
    elif n == 1090:
        n = 1090
    elif n == 1091:
        n = 1091
    elif n == 1092:
        n = 1092
    elif n == 1093:
        n = 1093
    elif n == 1094:
        n = 1094
    elif n == 1095:
        n = 1095
    elif n == 1096:
        n = 1096
    elif n == 1097:
        n = 1097
    elif n == 1098:
        n = 1098
    elif n == 1099:
        n = 1099
    elif n == 1100:
        n = 1100
    elif n == 1101:
        n = 1101
    elif n == 1102:
        n = 1102
    elif n == 1103:
        n = 1103
    elif n == 1104:
        n = 1104
    elif n == 1105:
        n = 1105
    elif n == 1106:
        n = 1106
    elif n == 1107:
        n = 1107
    elif n == 1108:
        n = 1108
    elif n == 1109:
        n = 1109
    elif n == 1110:
        n = 1110
    elif n == 1111:
        n = 1111
    elif n == 1112:
        n = 1112
    elif n == 1113:
        n = 1113
    elif n == 1114:
        n = 1114
    elif n == 1115:
        n = 1115
    elif n == 1116:
        n = 1116
    elif n == 1117:
        n = 1117
    elif n == 1118:
        n = 1118
    elif n == 1119:
        n = 1119
    elif n == 1120:
        n = 1120
    elif n == 1121:
        n = 1121
    elif n == 1122:
        n = 1122
    elif n == 1123:
        n = 1123
    elif n == 1124:
        n = 1124
    elif n == 1125:
        n = 1125
    elif n == 1126:
        n = 1126
    elif n == 1127:
        n = 1127
    elif n == 1128:
        n = 1128
    elif n == 1129:
        n = 1129
    elif n == 1130:
        n = 1130
    elif n == 1131:
        n = 1131
    elif n == 1132:
        n = 1132
    elif n == 1133:
        n = 1133
    elif n == 1134:
        n = 1134
    elif n == 1135:
        n = 1135
    elif n == 1136:
        n = 1136
    elif n == 1137:
        n = 1137
    elif n == 1138:
        n = 1138
    elif n == 1139:
        n = 1139
    elif n == 1140:
        n = 1140
    elif n == 1141:
        n = 1141
    elif n == 1142:
        n = 1142
    elif n == 1143:
        n = 1143
    elif n == 1144:
        n = 1144
    elif n == 1145:
        n = 1145
    elif n == 1146:
        n = 1146
    elif n == 1147:
        n = 1147
    elif n == 1148:
        n = 1148
    elif n == 1149:
        n = 1149
    elif n == 1150:
        n = 1150
    elif n == 1151:
        n = 1151
    elif n == 1152:
        n = 1152
    elif n == 1153:
        n = 1153
    elif n == 1154:
        n = 1154
    elif n == 1155:
        n = 1155
    elif n == 1156:
        n = 1156
    elif n == 1157:
        n = 1157
    elif n == 1158:
        n = 1158
    elif n == 1159:
        n = 1159
    elif n == 1160:
        n = 1160
    elif n == 1161:
        n = 1161
    elif n == 1162:
        n = 1162
    elif n == 1163:
        n = 1163
    elif n == 1164:
        n = 1164
    elif n == 1165:
        n = 1165
    elif n == 1166:
        n = 1166
    elif n == 1167:
        n = 1167
    elif n == 1168:
        n = 1168
    elif n == 1169:
        n = 1169
    elif n == 1170:
        n = 1170
    elif n == 1171:
        n = 1171
    elif n == 1172:
        n = 1172
    elif n == 1173:
        n = 1173
    elif n == 1174:
        n = 1174
    elif n == 1175:
        n = 1175
    elif n == 1176:
        n = 1176
    elif n == 1177:
        n = 1177
    elif n == 1178:
        n = 1178
    elif n == 1179:
        n = 1179
    elif n == 1180:
        n = 1180
    elif n == 1181:
        n = 1181
    elif n == 1182:
        n = 1182
    elif n == 1183:
        n = 1183
    elif n == 1184:
        n = 1184
    elif n == 1185:
        n = 1185
    elif n == 1186:
        n = 1186
    elif n == 1187:
        n = 1187
    elif n == 1188:
        n = 1188
    elif n == 1189:
        n = 1189
    elif n == 1190:
        n = 1190
    elif n == 1191:
        n = 1191
    elif n == 1192:
        n = 1192
    elif n == 1193:
        n = 1193
    elif n == 1194:
        n = 1194
    elif n == 1195:
        n = 1195
    elif n == 1196:
        n = 1196
    elif n == 1197:
        n = 1197
    elif n == 1198:
        n = 1198
    elif n == 1199:
        n = 1199
    elif n == 1200:
        n = 1200
    elif n == 1201:
        n = 1201
    elif n == 1202:
        n = 1202
    elif n == 1203:
        n = 1203
    elif n == 1204:
        n = 1204
    elif n == 1205:
        n = 1205
    elif n == 1206:
        n = 1206
    elif n == 1207:
        n = 1207
    elif n == 1208:
        n = 1208
    elif n == 1209:
        n = 1209
    elif n == 1210:
        n = 1210
    elif n == 1211:
        n = 1211
    elif n == 1212:
        n = 1212
    elif n == 1213:
        n = 1213
    elif n == 1214:
        n = 1214
    elif n == 1215:
        n = 1215
    elif n == 1216:
        n = 1216
    elif n == 1217:
        n = 1217
    elif n == 1218:
        n = 1218
    elif n == 1219:
        n = 1219
    elif n == 1220:
        n = 1220
    elif n == 1221:
        n = 1221
    elif n == 1222:
        n = 1222
    elif n == 1223:
        n = 1223
    elif n == 1224:
        n = 1224
    elif n == 1225:
        n = 1225
    elif n == 1226:
        n = 1226
    elif n == 1227:
        n = 1227
    elif n == 1228:
        n = 1228
    elif n == 1229:
        n = 1229
    elif n == 1230:
        n = 1230
    elif n == 1231:
        n = 1231
    elif n == 1232:
        n = 1232
    elif n == 1233:
        n = 1233
    elif n == 1234:
        n = 1234
    elif n == 1235:
        n = 1235
    elif n == 1236:
        n = 1236
    elif n == 1237:
        n = 1237
    elif n == 1238:
        n = 1238
    elif n == 1239:
        n = 1239
    elif n == 1240:
        n = 1240
    elif n == 1241:
        n = 1241
    elif n == 1242:
        n = 1242
    elif n == 1243:
        n = 1243
    elif n == 1244:
        n = 1244
    elif n == 1245:
        n = 1245
    elif n == 1246:
        n = 1246
    elif n == 1247:
        n = 1247
    elif n == 1248:
        n = 1248
    elif n == 1249:
        n = 1249
    elif n == 1250:
        n = 1250
    elif n == 1251:
        n = 1251
    elif n == 1252:
        n = 1252
    elif n == 1253:
        n = 1253
    elif n == 1254:
        n = 1254
    elif n == 1255:
        n = 1255
    elif n == 1256:
        n = 1256
    elif n == 1257:
        n = 1257
    elif n == 1258:
        n = 1258
    elif n == 1259:
        n = 1259
    elif n == 1260:
        n = 1260
    elif n == 1261:
        n = 1261
    elif n == 1262:
        n = 1262
    elif n == 1263:
        n = 1263
    elif n == 1264:
        n = 1264
    elif n == 1265:
        n = 1265
    elif n == 1266:
        n = 1266
    elif n == 1267:
        n = 1267
    elif n == 1268:
        n = 1268
    elif n == 1269:
        n = 1269
    elif n == 1270:
        n = 1270
    elif n == 1271:
        n = 1271
    elif n == 1272:
        n = 1272
    elif n == 1273:
        n = 1273
    elif n == 1274:
        n = 1274
    elif n == 1275:
        n = 1275
    elif n == 1276:
        n = 1276
    elif n == 1277:
        n = 1277
    elif n == 1278:
        n = 1278
    elif n == 1279:
        n = 1279
    elif n == 1280:
        n = 1280
    elif n == 1281:
        n = 1281
    elif n == 1282:
        n = 1282
    elif n == 1283:
        n = 1283
    elif n == 1284:
        n = 1284
    elif n == 1285:
        n = 1285
    elif n == 1286:
        n = 1286
    elif n == 1287:
        n = 1287
    elif n == 1288:
        n = 1288
    elif n == 1289:
        n = 1289
    elif n == 1290:
        n = 1290
    elif n == 1291:
        n = 1291
    elif n == 1292:
        n = 1292
    elif n == 1293:
        n = 1293
    elif n == 1294:
        n = 1294
    elif n == 1295:
        n = 1295
    elif n == 1296:
        n = 1296
    elif n == 1297:
        n = 1297
    elif n == 1298:
        n = 1298
    elif n == 1299:
        n = 1299
    elif n == 1300:
        n = 1300
    elif n == 1301:
        n = 1301
    elif n == 1302:
        n = 1302
    elif n == 1303:
        n = 1303
    elif n == 1304:
        n = 1304
    elif n == 1305:
        n = 1305
    elif n == 1306:
        n = 1306
    elif n == 1307:
        n = 1307
    elif n == 1308:
        n = 1308
    elif n == 1309:
        n = 1309
    elif n == 1310:
        n = 1310
    elif n == 1311:
        n = 1311
    elif n == 1312:
        n = 1312
    elif n == 1313:
        n = 1313
    elif n == 1314:
        n = 1314
    elif n == 1315:
        n = 1315
    elif n == 1316:
        n = 1316
    elif n == 1317:
        n = 1317
    elif n == 1318:
        n = 1318
    elif n == 1319:
        n = 1319
    elif n == 1320:
        n = 1320
    elif n == 1321:
        n = 1321
    elif n == 1322:
        n = 1322
    elif n == 1323:
        n = 1323
    elif n == 1324:
        n = 1324
    elif n == 1325:
        n = 1325
    elif n == 1326:
        n = 1326
    elif n == 1327:
        n = 1327
    elif n == 1328:
        n = 1328
    elif n == 1329:
        n = 1329
    elif n == 1330:
        n = 1330
    elif n == 1331:
        n = 1331
    elif n == 1332:
        n = 1332
    elif n == 1333:
        n = 1333
    elif n == 1334:
        n = 1334
    elif n == 1335:
        n = 1335
    elif n == 1336:
        n = 1336
    elif n == 1337:
        n = 1337
    elif n == 1338:
        n = 1338
    elif n == 1339:
        n = 1339
    elif n == 1340:
        n = 1340
    elif n == 1341:
        n = 1341
    elif n == 1342:
        n = 1342
    elif n == 1343:
        n = 1343
    elif n == 1344:
        n = 1344
    elif n == 1345:
        n = 1345
    elif n == 1346:
        n = 1346
    elif n == 1347:
        n = 1347
    elif n == 1348:
        n = 1348
    elif n == 1349:
        n = 1349
    elif n == 1350:
        n = 1350
    elif n == 1351:
        n = 1351
    elif n == 1352:
        n = 1352
    elif n == 1353:
        n = 1353
    elif n == 1354:
        n = 1354
    elif n == 1355:
        n = 1355
    elif n == 1356:
        n = 1356
    elif n == 1357:
        n = 1357
    elif n == 1358:
        n = 1358
    elif n == 1359:
        n = 1359
    elif n == 1360:
        n = 1360
    elif n == 1361:
        n = 1361
    elif n == 1362:
        n = 1362
    elif n == 1363:
        n = 1363
    elif n == 1364:
        n = 1364
    elif n == 1365:
        n = 1365
    elif n == 1366:
        n = 1366
    elif n == 1367:
        n = 1367
    elif n == 1368:
        n = 1368
    elif n == 1369:
        n = 1369
    elif n == 1370:
        n = 1370
    elif n == 1371:
        n = 1371
    elif n == 1372:
        n = 1372
    elif n == 1373:
        n = 1373
    elif n == 1374:
        n = 1374
    elif n == 1375:
        n = 1375
    elif n == 1376:
        n = 1376
    elif n == 1377:
        n = 1377
    elif n == 1378:
        n = 1378
    elif n == 1379:
        n = 1379
    elif n == 1380:
        n = 1380
    elif n == 1381:
        n = 1381
    elif n == 1382:
        n = 1382
    elif n == 1383:
        n = 1383
    elif n == 1384:
        n = 1384
    elif n == 1385:
        n = 1385
    elif n == 1386:
        n = 1386
    elif n == 1387:
        n = 1387
    elif n == 1388:
        n = 1388
    elif n == 1389:
        n = 1389
    elif n == 1390:
        n = 1390
    elif n == 1391:
        n = 1391
    elif n == 1392:
        n = 1392
    elif n == 1393:
        n = 1393
    elif n == 1394:
        n = 1394
    elif n == 1395:
        n = 1395
    elif n == 1396:
        n = 1396
    elif n == 1397:
        n = 1397
    elif n == 1398:
        n = 1398
    elif n == 1399:
        n = 1399
    elif n == 1400:
        n = 1400
    elif n == 1401:
        n = 1401
    elif n == 1402:
        n = 1402
    elif n == 1403:
        n = 1403
    elif n == 1404:
        n = 1404
    elif n == 1405:
        n = 1405
    elif n == 1406:
        n = 1406
    elif n == 1407:
        n = 1407
    elif n == 1408:
        n = 1408
    elif n == 1409:
        n = 1409
    elif n == 1410:
        n = 1410
    elif n == 1411:
        n = 1411
    elif n == 1412:
        n = 1412
    elif n == 1413:
        n = 1413
    elif n == 1414:
        n = 1414
    elif n == 1415:
        n = 1415
    elif n == 1416:
        n = 1416
    elif n == 1417:
        n = 1417
    elif n == 1418:
        n = 1418
    elif n == 1419:
        n = 1419
    elif n == 1420:
        n = 1420
    elif n == 1421:
        n = 1421
    elif n == 1422:
        n = 1422
    elif n == 1423:
        n = 1423
    elif n == 1424:
        n = 1424
    elif n == 1425:
        n = 1425
    elif n == 1426:
        n = 1426
    elif n == 1427:
        n = 1427
    elif n == 1428:
        n = 1428
    elif n == 1429:
        n = 1429
    elif n == 1430:
        n = 1430
    elif n == 1431:
        n = 1431
    elif n == 1432:
        n = 1432
    elif n == 1433:
        n = 1433
    elif n == 1434:
        n = 1434
    elif n == 1435:
        n = 1435
    elif n == 1436:
        n = 1436
    elif n == 1437:
        n = 1437
    elif n == 1438:
        n = 1438
    elif n == 1439:
        n = 1439
    elif n == 1440:
        n = 1440
    elif n == 1441:
        n = 1441
    elif n == 1442:
        n = 1442
    elif n == 1443:
        n = 1443
    elif n == 1444:
        n = 1444
    elif n == 1445:
        n = 1445
    elif n == 1446:
        n = 1446
    elif n == 1447:
        n = 1447
    elif n == 1448:
        n = 1448
    elif n == 1449:
        n = 1449
    elif n == 1450:
        n = 1450
    elif n == 1451:
        n = 1451
    elif n == 1452:
        n = 1452
    elif n == 1453:
        n = 1453
    elif n == 1454:
        n = 1454
    elif n == 1455:
        n = 1455
    elif n == 1456:
        n = 1456
    elif n == 1457:
        n = 1457
    elif n == 1458:
        n = 1458
    elif n == 1459:
        n = 1459
    elif n == 1460:
        n = 1460
    elif n == 1461:
        n = 1461
    elif n == 1462:
        n = 1462
    elif n == 1463:
        n = 1463
    elif n == 1464:
        n = 1464
    elif n == 1465:
        n = 1465
    elif n == 1466:
        n = 1466
    elif n == 1467:
        n = 1467
    elif n == 1468:
        n = 1468
    elif n == 1469:
        n = 1469
    elif n == 1470:
        n = 1470
    elif n == 1471:
        n = 1471
    elif n == 1472:
        n = 1472
    elif n == 1473:
        n = 1473
    elif n == 1474:
        n = 1474
    elif n == 1475:
        n = 1475
    elif n == 1476:
        n = 1476
    elif n == 1477:
        n = 1477
    elif n == 1478:
        n = 1478
    elif n == 1479:
        n = 1479
    elif n == 1480:
        n = 1480
    elif n == 1481:
        n = 1481
    elif n == 1482:
        n = 1482
    elif n == 1483:
        n = 1483
    elif n == 1484:
        n = 1484
    elif n == 1485:
        n = 1485
    elif n == 1486:
        n = 1486
    elif n == 1487:
        n = 1487
    elif n == 1488:
        n = 1488
    elif n == 1489:
        n = 1489
    elif n == 1490:
        n = 1490
    elif n == 1491:
        n = 1491
    elif n == 1492:
        n = 1492
    elif n == 1493:
        n = 1493
    elif n == 1494:
        n = 1494
    elif n == 1495:
        n = 1495
    elif n == 1496:
        n = 1496
    elif n == 1497:
        n = 1497
    elif n == 1498:
        n = 1498
    elif n == 1499:
        n = 1499
    elif n == 1500:
        n = 1500
    elif n == 1501:
        n = 1501
    elif n == 1502:
        n = 1502
    elif n == 1503:
        n = 1503
    elif n == 1504:
        n = 1504
    elif n == 1505:
        n = 1505
    elif n == 1506:
        n = 1506
    elif n == 1507:
        n = 1507
    elif n == 1508:
        n = 1508
    elif n == 1509:
        n = 1509
    elif n == 1510:
        n = 1510
    elif n == 1511:
        n = 1511
    elif n == 1512:
        n = 1512
    elif n == 1513:
        n = 1513
    elif n == 1514:
        n = 1514
    elif n == 1515:
        n = 1515
    elif n == 1516:
        n = 1516
    elif n == 1517:
        n = 1517
    elif n == 1518:
        n = 1518
    elif n == 1519:
        n = 1519
    elif n == 1520:
        n = 1520
    elif n == 1521:
        n = 1521
    elif n == 1522:
        n = 1522
    elif n == 1523:
        n = 1523
    elif n == 1524:
        n = 1524
    elif n == 1525:
        n = 1525
    elif n == 1526:
        n = 1526
    elif n == 1527:
        n = 1527
    elif n == 1528:
        n = 1528
    elif n == 1529:
        n = 1529
    elif n == 1530:
        n = 1530
    elif n == 1531:
        n = 1531
    elif n == 1532:
        n = 1532
    elif n == 1533:
        n = 1533
    elif n == 1534:
        n = 1534
    elif n == 1535:
        n = 1535
    elif n == 1536:
        n = 1536
    elif n == 1537:
        n = 1537
    elif n == 1538:
        n = 1538
    elif n == 1539:
        n = 1539
    elif n == 1540:
        n = 1540
    elif n == 1541:
        n = 1541
    elif n == 1542:
        n = 1542
    elif n == 1543:
        n = 1543
    elif n == 1544:
        n = 1544
    elif n == 1545:
        n = 1545
    elif n == 1546:
        n = 1546
    elif n == 1547:
        n = 1547
    elif n == 1548:
        n = 1548
    elif n == 1549:
        n = 1549
    elif n == 1550:
        n = 1550
    elif n == 1551:
        n = 1551
    elif n == 1552:
        n = 1552
    elif n == 1553:
        n = 1553
    elif n == 1554:
        n = 1554
    elif n == 1555:
        n = 1555
    elif n == 1556:
        n = 1556
    elif n == 1557:
        n = 1557
    elif n == 1558:
        n = 1558
    elif n == 1559:
        n = 1559
    elif n == 1560:
        n = 1560
    elif n == 1561:
        n = 1561
    elif n == 1562:
        n = 1562
    elif n == 1563:
        n = 1563
    elif n == 1564:
        n = 1564
    elif n == 1565:
        n = 1565
    elif n == 1566:
        n = 1566
    elif n == 1567:
        n = 1567
    elif n == 1568:
        n = 1568
    elif n == 1569:
        n = 1569
    elif n == 1570:
        n = 1570
    elif n == 1571:
        n = 1571
    elif n == 1572:
        n = 1572
    elif n == 1573:
        n = 1573
    elif n == 1574:
        n = 1574
    elif n == 1575:
        n = 1575
    elif n == 1576:
        n = 1576
    elif n == 1577:
        n = 1577
    elif n == 1578:
        n = 1578
    elif n == 1579:
        n = 1579
    elif n == 1580:
        n = 1580
    elif n == 1581:
        n = 1581
    elif n == 1582:
        n = 1582
    elif n == 1583:
        n = 1583
    elif n == 1584:
        n = 1584
    elif n == 1585:
        n = 1585
    elif n == 1586:
        n = 1586
    elif n == 1587:
        n = 1587
    elif n == 1588:
        n = 1588
    elif n == 1589:
        n = 1589
    elif n == 1590:
        n = 1590
    elif n == 1591:
        n = 1591
    elif n == 1592:
        n = 1592
    elif n == 1593:
        n = 1593
    elif n == 1594:
        n = 1594
    elif n == 1595:
        n = 1595
    elif n == 1596:
        n = 1596
    elif n == 1597:
        n = 1597
    elif n == 1598:
        n = 1598
    elif n == 1599:
        n = 1599
    elif n == 1600:
        n = 1600
    elif n == 1601:
        n = 1601
    elif n == 1602:
        n = 1602
    elif n == 1603:
        n = 1603
    elif n == 1604:
        n = 1604
    elif n == 1605:
        n = 1605
    elif n == 1606:
        n = 1606
    elif n == 1607:
        n = 1607
    elif n == 1608:
        n = 1608
    elif n == 1609:
        n = 1609
    elif n == 1610:
        n = 1610
    elif n == 1611:
        n = 1611
    elif n == 1612:
        n = 1612
    elif n == 1613:
        n = 1613
    elif n == 1614:
        n = 1614
    elif n == 1615:
        n = 1615
    elif n == 1616:
        n = 1616
    elif n == 1617:
        n = 1617
    elif n == 1618:
        n = 1618
    elif n == 1619:
        n = 1619
    elif n == 1620:
        n = 1620
    elif n == 1621:
        n = 1621
    elif n == 1622:
        n = 1622
    elif n == 1623:
        n = 1623
    elif n == 1624:
        n = 1624
    elif n == 1625:
        n = 1625
    elif n == 1626:
        n = 1626
    elif n == 1627:
        n = 1627
    elif n == 1628:
        n = 1628
    elif n == 1629:
        n = 1629
    elif n == 1630:
        n = 1630
    elif n == 1631:
        n = 1631
    elif n == 1632:
        n = 1632
    elif n == 1633:
        n = 1633
    elif n == 1634:
        n = 1634
    elif n == 1635:
        n = 1635
    elif n == 1636:
        n = 1636
    elif n == 1637:
        n = 1637
    elif n == 1638:
        n = 1638
    elif n == 1639:
        n = 1639
    elif n == 1640:
        n = 1640
    elif n == 1641:
        n = 1641
    elif n == 1642:
        n = 1642
    elif n == 1643:
        n = 1643
    elif n == 1644:
        n = 1644
    elif n == 1645:
        n = 1645
    elif n == 1646:
        n = 1646
    elif n == 1647:
        n = 1647
    elif n == 1648:
        n = 1648
    elif n == 1649:
        n = 1649
    elif n == 1650:
        n = 1650
    elif n == 1651:
        n = 1651
    elif n == 1652:
        n = 1652
    elif n == 1653:
        n = 1653
    elif n == 1654:
        n = 1654
    elif n == 1655:
        n = 1655
    elif n == 1656:
        n = 1656
    elif n == 1657:
        n = 1657
    elif n == 1658:
        n = 1658
    elif n == 1659:
        n = 1659
    elif n == 1660:
        n = 1660
    elif n == 1661:
        n = 1661
    elif n == 1662:
        n = 1662
    elif n == 1663:
        n = 1663
    elif n == 1664:
        n = 1664
    elif n == 1665:
        n = 1665
    elif n == 1666:
        n = 1666
    elif n == 1667:
        n = 1667
    elif n == 1668:
        n = 1668
    elif n == 1669:
        n = 1669
    elif n == 1670:
        n = 1670
    elif n == 1671:
        n = 1671
    elif n == 1672:
        n = 1672
    elif n == 1673:
        n = 1673
    elif n == 1674:
        n = 1674
    elif n == 1675:
        n = 1675
    elif n == 1676:
        n = 1676
    elif n == 1677:
        n = 1677
    elif n == 1678:
        n = 1678
    elif n == 1679:
        n = 1679
    elif n == 1680:
        n = 1680
    elif n == 1681:
        n = 1681
    elif n == 1682:
        n = 1682
    elif n == 1683:
        n = 1683
    elif n == 1684:
        n = 1684
    elif n == 1685:
        n = 1685
    elif n == 1686:
        n = 1686
    elif n == 1687:
        n = 1687
    elif n == 1688:
        n = 1688
    elif n == 1689:
        n = 1689
    elif n == 1690:
        n = 1690
    elif n == 1691:
        n = 1691
    elif n == 1692:
        n = 1692
    elif n == 1693:
        n = 1693
    elif n == 1694:
        n = 1694
    elif n == 1695:
        n = 1695
    elif n == 1696:
        n = 1696
    elif n == 1697:
        n = 1697
    elif n == 1698:
        n = 1698
    elif n == 1699:
        n = 1699
    elif n == 1700:
        n = 1700
    elif n == 1701:
        n = 1701
    elif n == 1702:
        n = 1702
    elif n == 1703:
        n = 1703
    elif n == 1704:
        n = 1704
    elif n == 1705:
        n = 1705
    elif n == 1706:
        n = 1706
    elif n == 1707:
        n = 1707
    elif n == 1708:
        n = 1708
    elif n == 1709:
        n = 1709
    elif n == 1710:
        n = 1710
    elif n == 1711:
        n = 1711
    elif n == 1712:
        n = 1712
    elif n == 1713:
        n = 1713
    elif n == 1714:
        n = 1714
    elif n == 1715:
        n = 1715
    elif n == 1716:
        n = 1716
    elif n == 1717:
        n = 1717
    elif n == 1718:
        n = 1718
    elif n == 1719:
        n = 1719
    elif n == 1720:
        n = 1720
    elif n == 1721:
        n = 1721
    elif n == 1722:
        n = 1722
    elif n == 1723:
        n = 1723
    elif n == 1724:
        n = 1724
    elif n == 1725:
        n = 1725
    elif n == 1726:
        n = 1726
    elif n == 1727:
        n = 1727
    elif n == 1728:
        n = 1728
    elif n == 1729:
        n = 1729
    elif n == 1730:
        n = 1730
    elif n == 1731:
        n = 1731
    elif n == 1732:
        n = 1732
    elif n == 1733:
        n = 1733
    elif n == 1734:
        n = 1734
    elif n == 1735:
        n = 1735
    elif n == 1736:
        n = 1736
    elif n == 1737:
        n = 1737
    elif n == 1738:
        n = 1738
    elif n == 1739:
        n = 1739
    elif n == 1740:
        n = 1740
    elif n == 1741:
        n = 1741
    elif n == 1742:
        n = 1742
    elif n == 1743:
        n = 1743
    elif n == 1744:
        n = 1744
    elif n == 1745:
        n = 1745
    elif n == 1746:
        n = 1746
    elif n == 1747:
        n = 1747
    elif n == 1748:
        n = 1748
    elif n == 1749:
        n = 1749
    elif n == 1750:
        n = 1750
    elif n == 1751:
        n = 1751
    elif n == 1752:
        n = 1752
    elif n == 1753:
        n = 1753
    elif n == 1754:
        n = 1754
    elif n == 1755:
        n = 1755
    elif n == 1756:
        n = 1756
    elif n == 1757:
        n = 1757
    elif n == 1758:
        n = 1758
    elif n == 1759:
        n = 1759
    elif n == 1760:
        n = 1760
    elif n == 1761:
        n = 1761
    elif n == 1762:
        n = 1762
    elif n == 1763:
        n = 1763
    elif n == 1764:
        n = 1764
    elif n == 1765:
        n = 1765
    elif n == 1766:
        n = 1766
    elif n == 1767:
        n = 1767
    elif n == 1768:
        n = 1768
    elif n == 1769:
        n = 1769
    elif n == 1770:
        n = 1770
    elif n == 1771:
        n = 1771
    elif n == 1772:
        n = 1772
    elif n == 1773:
        n = 1773
    elif n == 1774:
        n = 1774
    elif n == 1775:
        n = 1775
    elif n == 1776:
        n = 1776
    elif n == 1777:
        n = 1777
    elif n == 1778:
        n = 1778
    elif n == 1779:
        n = 1779
    elif n == 1780:
        n = 1780
    elif n == 1781:
        n = 1781
    elif n == 1782:
        n = 1782
    elif n == 1783:
        n = 1783
    elif n == 1784:
        n = 1784
    elif n == 1785:
        n = 1785
    elif n == 1786:
        n = 1786
    elif n == 1787:
        n = 1787
    elif n == 1788:
        n = 1788
    elif n == 1789:
        n = 1789
    elif n == 1790:
        n = 1790
    elif n == 1791:
        n = 1791
    elif n == 1792:
        n = 1792
    elif n == 1793:
        n = 1793
    elif n == 1794:
        n = 1794
    elif n == 1795:
        n = 1795
    elif n == 1796:
        n = 1796
    elif n == 1797:
        n = 1797
    elif n == 1798:
        n = 1798
    elif n == 1799:
        n = 1799
    elif n == 1800:
        n = 1800
    elif n == 1801:
        n = 1801
    elif n == 1802:
        n = 1802
    elif n == 1803:
        n = 1803
    elif n == 1804:
        n = 1804
    elif n == 1805:
        n = 1805
    elif n == 1806:
        n = 1806
    elif n == 1807:
        n = 1807
    elif n == 1808:
        n = 1808
    elif n == 1809:
        n = 1809
    elif n == 1810:
        n = 1810
    elif n == 1811:
        n = 1811
    elif n == 1812:
        n = 1812
    elif n == 1813:
        n = 1813
    elif n == 1814:
        n = 1814
    elif n == 1815:
        n = 1815
    elif n == 1816:
        n = 1816
    elif n == 1817:
        n = 1817
    elif n == 1818:
        n = 1818
    elif n == 1819:
        n = 1819
    elif n == 1820:
        n = 1820
    elif n == 1821:
        n = 1821
    elif n == 1822:
        n = 1822
    elif n == 1823:
        n = 1823
    elif n == 1824:
        n = 1824
    elif n == 1825:
        n = 1825
    elif n == 1826:
        n = 1826
    elif n == 1827:
        n = 1827
    elif n == 1828:
        n = 1828
    elif n == 1829:
        n = 1829
    elif n == 1830:
        n = 1830
    elif n == 1831:
        n = 1831
    elif n == 1832:
        n = 1832
    elif n == 1833:
        n = 1833
    elif n == 1834:
        n = 1834
    elif n == 1835:
        n = 1835
    elif n == 1836:
        n = 1836
    elif n == 1837:
        n = 1837
    elif n == 1838:
        n = 1838
    elif n == 1839:
        n = 1839
    elif n == 1840:
        n = 1840
    elif n == 1841:
        n = 1841
    elif n == 1842:
        n = 1842
    elif n == 1843:
        n = 1843
    elif n == 1844:
        n = 1844
    elif n == 1845:
        n = 1845
    elif n == 1846:
        n = 1846
    elif n == 1847:
        n = 1847
    elif n == 1848:
        n = 1848
    elif n == 1849:
        n = 1849
    elif n == 1850:
        n = 1850
    elif n == 1851:
        n = 1851
    elif n == 1852:
        n = 1852
    elif n == 1853:
        n = 1853
    elif n == 1854:
        n = 1854
    elif n == 1855:
        n = 1855
    elif n == 1856:
        n = 1856
    elif n == 1857:
        n = 1857
    elif n == 1858:
        n = 1858
    elif n == 1859:
        n = 1859
    elif n == 1860:
        n = 1860
    elif n == 1861:
        n = 1861
    elif n == 1862:
        n = 1862
    elif n == 1863:
        n = 1863
    elif n == 1864:
        n = 1864
    elif n == 1865:
        n = 1865
    elif n == 1866:
        n = 1866
    elif n == 1867:
        n = 1867
    elif n == 1868:
        n = 1868
    elif n == 1869:
        n = 1869
    elif n == 1870:
        n = 1870
    elif n == 1871:
        n = 1871
    elif n == 1872:
        n = 1872
    elif n == 1873:
        n = 1873
    elif n == 1874:
        n = 1874
    elif n == 1875:
        n = 1875
    elif n == 1876:
        n = 1876
    elif n == 1877:
        n = 1877
    elif n == 1878:
        n = 1878
    elif n == 1879:
        n = 1879
    elif n == 1880:
        n = 1880
    elif n == 1881:
        n = 1881
    elif n == 1882:
        n = 1882
    elif n == 1883:
        n = 1883
    elif n == 1884:
        n = 1884
    elif n == 1885:
        n = 1885
    elif n == 1886:
        n = 1886
    elif n == 1887:
        n = 1887
    elif n == 1888:
        n = 1888
    elif n == 1889:
        n = 1889
    elif n == 1890:
        n = 1890
    elif n == 1891:
        n = 1891
    elif n == 1892:
        n = 1892
    elif n == 1893:
        n = 1893
    elif n == 1894:
        n = 1894
    elif n == 1895:
        n = 1895
    elif n == 1896:
        n = 1896
    elif n == 1897:
        n = 1897
    elif n == 1898:
        n = 1898
    elif n == 1899:
        n = 1899
    elif n == 1900:
        n = 1900
    elif n == 1901:
        n = 1901
    elif n == 1902:
        n = 1902
    elif n == 1903:
        n = 1903
    elif n == 1904:
        n = 1904
    elif n == 1905:
        n = 1905
    elif n == 1906:
        n = 1906
    elif n == 1907:
        n = 1907
    elif n == 1908:
        n = 1908
    elif n == 1909:
        n = 1909
    elif n == 1910:
        n = 1910
    elif n == 1911:
        n = 1911
    elif n == 1912:
        n = 1912
    elif n == 1913:
        n = 1913
    elif n == 1914:
        n = 1914
    elif n == 1915:
        n = 1915
    elif n == 1916:
        n = 1916
    elif n == 1917:
        n = 1917
    elif n == 1918:
        n = 1918
    elif n == 1919:
        n = 1919
    elif n == 1920:
        n = 1920
    elif n == 1921:
        n = 1921
    elif n == 1922:
        n = 1922
    elif n == 1923:
        n = 1923
    elif n == 1924:
        n = 1924
    elif n == 1925:
        n = 1925
    elif n == 1926:
        n = 1926
    elif n == 1927:
        n = 1927
    elif n == 1928:
        n = 1928
    elif n == 1929:
        n = 1929
    elif n == 1930:
        n = 1930
    elif n == 1931:
        n = 1931
    elif n == 1932:
        n = 1932
    elif n == 1933:
        n = 1933
    elif n == 1934:
        n = 1934
    elif n == 1935:
        n = 1935
    elif n == 1936:
        n = 1936
    elif n == 1937:
        n = 1937
    elif n == 1938:
        n = 1938
    elif n == 1939:
        n = 1939
    elif n == 1940:
        n = 1940
    elif n == 1941:
        n = 1941
    elif n == 1942:
        n = 1942
    elif n == 1943:
        n = 1943
    elif n == 1944:
        n = 1944
    elif n == 1945:
        n = 1945
    elif n == 1946:
        n = 1946
    elif n == 1947:
        n = 1947
    elif n == 1948:
        n = 1948
    elif n == 1949:
        n = 1949
    elif n == 1950:
        n = 1950
    elif n == 1951:
        n = 1951
    elif n == 1952:
        n = 1952
    elif n == 1953:
        n = 1953
    elif n == 1954:
        n = 1954
    elif n == 1955:
        n = 1955
    elif n == 1956:
        n = 1956
    elif n == 1957:
        n = 1957
    elif n == 1958:
        n = 1958
    elif n == 1959:
        n = 1959
    elif n == 1960:
        n = 1960
    elif n == 1961:
        n = 1961
    elif n == 1962:
        n = 1962
    elif n == 1963:
        n = 1963
    elif n == 1964:
        n = 1964
    elif n == 1965:
        n = 1965
    elif n == 1966:
        n = 1966
    elif n == 1967:
        n = 1967
    elif n == 1968:
        n = 1968
    elif n == 1969:
        n = 1969
    elif n == 1970:
        n = 1970
    elif n == 1971:
        n = 1971
    elif n == 1972:
        n = 1972
    elif n == 1973:
        n = 1973
    elif n == 1974:
        n = 1974
    elif n == 1975:
        n = 1975
    elif n == 1976:
        n = 1976
    elif n == 1977:
        n = 1977
    elif n == 1978:
        n = 1978
    elif n == 1979:
        n = 1979
    elif n == 1980:
        n = 1980
    elif n == 1981:
        n = 1981
    elif n == 1982:
        n = 1982
    elif n == 1983:
        n = 1983
    elif n == 1984:
        n = 1984
    elif n == 1985:
        n = 1985
    elif n == 1986:
        n = 1986
    elif n == 1987:
        n = 1987
    elif n == 1988:
        n = 1988
    elif n == 1989:
        n = 1989
    elif n == 1990:
        n = 1990
    elif n == 1991:
        n = 1991
    elif n == 1992:
        n = 1992
    elif n == 1993:
        n = 1993
    elif n == 1994:
        n = 1994
    elif n == 1995:
        n = 1995
    elif n == 1996:
        n = 1996
    elif n == 1997:
        n = 1997
    elif n == 1998:
        n = 1998
    elif n == 1999:
        n = 1999
