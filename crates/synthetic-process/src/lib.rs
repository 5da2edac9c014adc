//! Hand-built Go process images for tests, laid out independently of the decoders

#![forbid(unsafe_code)]
