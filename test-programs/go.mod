// The test harness builds with a copy of this file whose go line is the release that builds: the line
// decides over language features and over GODEBUG defaults, which are part of what is to be tested.
module gostat.example/test-programs

go 1.19
