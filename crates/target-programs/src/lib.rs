//! Build and run the real Go programs that the tests look at

#![forbid(unsafe_code)]
