#!/usr/bin/env bats
# Each wrong answer of the lessons from 12 on gets the hint that is meant for it. ONLY=13 tests one lesson alone.

load helpers
load lessons

@test "each wrong answer gets the hint that is meant for it: lesson 12, a to f" { WRONG='[a-f]*' for_lessons wrong_ones 12 12; }
@test "each wrong answer gets the hint that is meant for it: lesson 12, g to z" { WRONG='[g-z]*' for_lessons wrong_ones 12 12; }
@test "each wrong answer gets the hint that is meant for it: lesson 13, a to k" { WRONG='[a-k]*' for_lessons wrong_ones 13 13; }
@test "each wrong answer gets the hint that is meant for it: lesson 13, l to z" { WRONG='[l-z]*' for_lessons wrong_ones 13 13; }
@test "each wrong answer gets the hint that is meant for it: lesson 14" { for_lessons wrong_ones 14 14; }
@test "each wrong answer gets the hint that is meant for it: lesson 15, a to m" { WRONG='[a-m]*' for_lessons wrong_ones 15 15; }
@test "each wrong answer gets the hint that is meant for it: lesson 15, n to z" { WRONG='[n-z]*' for_lessons wrong_ones 15 15; }
@test "each wrong answer gets the hint that is meant for it: lesson 16, a to n" { WRONG='[a-n]*' for_lessons wrong_ones 16 16; }
@test "each wrong answer gets the hint that is meant for it: lesson 16, o to z" { WRONG='[o-z]*' for_lessons wrong_ones 16 16; }
@test "each wrong answer gets the hint that is meant for it: lesson 17" { for_lessons wrong_ones 17 17; }
@test "each wrong answer gets the hint that is meant for it: from lesson 31" { for_lessons wrong_ones 31; }
