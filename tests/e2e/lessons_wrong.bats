#!/usr/bin/env bats
# Each wrong answer of lessons 1 to 11 gets the hint that is meant for it. ONLY=3 tests one lesson alone.

load helpers
load lessons

@test "each wrong answer gets the hint that is meant for it: lessons 1 to 2" { for_lessons wrong_ones 1 2; }
@test "each wrong answer gets the hint that is meant for it: lessons 3 to 4" { for_lessons wrong_ones 3 4; }
@test "each wrong answer gets the hint that is meant for it: lesson 5" { for_lessons wrong_ones 5 5; }
@test "each wrong answer gets the hint that is meant for it: lesson 6" { for_lessons wrong_ones 6 6; }
@test "each wrong answer gets the hint that is meant for it: lesson 7" { for_lessons wrong_ones 7 7; }
@test "each wrong answer gets the hint that is meant for it: lesson 8" { for_lessons wrong_ones 8 8; }
@test "each wrong answer gets the hint that is meant for it: lesson 9" { for_lessons wrong_ones 9 9; }
@test "each wrong answer gets the hint that is meant for it: lesson 10" { for_lessons wrong_ones 10 10; }
@test "each wrong answer gets the hint that is meant for it: lesson 11" { for_lessons wrong_ones 11 11; }
