//! Entry point: arguments in, one command run, exit code out.

#![forbid(unsafe_code)]

mod arguments;
mod columns;
mod commands;
mod output;
mod trouble;

use std::process::ExitCode;

use crate::arguments::Request;

fn main() -> ExitCode {
    let request = match arguments::parse(std::env::args_os()) {
        Ok(request) => request,
        Err(usage) => return usage.print(),
    };
    match run(&request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if trouble::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => trouble::report(&error),
    }
}

fn run(request: &Request) -> anyhow::Result<()> {
    match request {
        Request::Doctor(options) => commands::doctor::run(options),
        _ => anyhow::bail!("needs capture"),
    }
}
