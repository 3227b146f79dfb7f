#!/usr/bin/env bats
# Each wrong answer of each lesson gets the hint that is meant for it. ONLY=3 tests one lesson alone.

load helpers
load lessons

@test "each wrong answer gets the hint that is meant for it: lessons 1 to 2" { for_lessons wrong_ones 1 2; }
@test "each wrong answer gets the hint that is meant for it: lessons 3 to 4" { for_lessons wrong_ones 3 4; }
@test "each wrong answer gets the hint that is meant for it: lessons 5 to 6" { for_lessons wrong_ones 5 6; }
@test "each wrong answer gets the hint that is meant for it: lesson 7" { for_lessons wrong_ones 7 7; }
@test "each wrong answer gets the hint that is meant for it: lesson 8" { for_lessons wrong_ones 8 8; }
@test "each wrong answer gets the hint that is meant for it: lesson 9" { for_lessons wrong_ones 9 9; }
@test "each wrong answer gets the hint that is meant for it: lesson 10" { for_lessons wrong_ones 10 10; }
@test "each wrong answer gets the hint that is meant for it: lesson 11" { for_lessons wrong_ones 11 11; }
@test "each wrong answer gets the hint that is meant for it: lesson 12" { for_lessons wrong_ones 12 12; }
@test "each wrong answer gets the hint that is meant for it: lesson 13" { for_lessons wrong_ones 13 13; }
@test "each wrong answer gets the hint that is meant for it: lesson 14" { for_lessons wrong_ones 14 14; }
@test "each wrong answer gets the hint that is meant for it: lesson 15, a to m" { WRONG='[a-m]*' for_lessons wrong_ones 15 15; }
@test "each wrong answer gets the hint that is meant for it: lesson 15, n to z" { WRONG='[n-z]*' for_lessons wrong_ones 15 15; }
@test "each wrong answer gets the hint that is meant for it: lesson 16, a to n" { WRONG='[a-n]*' for_lessons wrong_ones 16 16; }
@test "each wrong answer gets the hint that is meant for it: lesson 16, o to z" { WRONG='[o-z]*' for_lessons wrong_ones 16 16; }
@test "each wrong answer gets the hint that is meant for it: lesson 17" { for_lessons wrong_ones 17 17; }
@test "each wrong answer gets the hint that is meant for it: from lesson 31" { for_lessons wrong_ones 31; }
