//! Entry point: arguments in, one command run, exit code out.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod output;
mod rules;
mod notes;
mod target;
mod series;
mod ticks;
mod trouble;

use std::process::ExitCode;

use crate::arguments::Request;

fn main() -> ExitCode {
    let request = match arguments::parse(std::env::args_os()) {
        Ok(request) => request,
        Err(usage) => return usage.print(),
    };
    match run(&request) {
        Ok(code) => code,
        Err(error) if trouble::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => trouble::report(&error),
    }
}

fn run(request: &Request) -> anyhow::Result<ExitCode> {
    match request {
        Request::Agent(options) => return commands::agent::run(options),
        Request::Leaks(options) => return commands::leaks::run(options),
        Request::History(options) => commands::history::run(options),
        Request::Ps(options) => commands::ps::run(options),
        Request::Top(options) => commands::top::run(options),
        Request::Dump(options) => commands::dump::run(options),
        Request::Sched(options) => commands::sched::run(options),
        Request::Stat(options) => commands::stat::run(options),
        Request::Record(options) => commands::record::run(options),
        Request::Diff(options) => commands::diff::run(options),
        Request::Why(options) => commands::why::why(options),
        Request::Graph(options) => commands::why::graph(options),
        Request::Doctor(options) => commands::doctor::run(options),
    }?;
    Ok(ExitCode::SUCCESS)
}
