//! What a Go executable says of itself: build info, function tables, globals, layouts

#![forbid(unsafe_code)]
