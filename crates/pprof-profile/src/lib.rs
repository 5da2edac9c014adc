//! Read and write pprof profiles (profile.proto)

#![forbid(unsafe_code)]
