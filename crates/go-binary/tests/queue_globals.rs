//! Where real programs of every release queue finalizers and cleanups: their code has to say what their symbols say.

mod module_data;

use go_binary::globals::Code;
use go_binary::layout::table;
use go_binary::queue_globals::QueueGlobals;
use go_binary::{Bias, BuildInfo, Executable, FunctionTable, Pclntab};
use target_programs::{Program, matrix_of};

use crate::module_data::module_data;

#[test]
fn code_and_symbols_agree() {
    let (mut with_symbols, mut without) = (0, 0);
    for build in matrix_of(Program::States).unwrap() {
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let executable = Executable::parse(Box::new(std::fs::read(&built.executable).unwrap())).unwrap();
        let release = BuildInfo::of(&executable).unwrap().release().unwrap();
        let layouts = table::nearest(release, executable.architecture()).unwrap().layouts;
        let header = Pclntab::find(&executable).unwrap();
        // Where the file has relocations instead of addresses, `gostat stat` on the process is the test.
        let Some(data) = module_data(&executable, &header, &layouts) else { continue };
        let functions = FunctionTable::new(&executable, &header, &data, Bias(0)).unwrap();
        let code = Code { executable: &executable, functions: &functions, module: &data, bias: Bias(0) };
        let from_code = QueueGlobals::from_code(&code).unwrap_or_else(|e| panic!("{build}: {e}"));
        assert_eq!(from_code.cleanups.is_some(), release.minor >= 25, "{build}");
        if let [Some(all), cleanups] = executable.symbols(["runtime.allfin", "runtime.gcCleanups"]) {
            assert_eq!(from_code.finalizers.0, all.0, "{build}");
            let inside =
                |at: go_binary::StaticAddress| (at.0..at.0 + 512).contains(&from_code.cleanups.unwrap().0);
            assert!(cleanups.is_none_or(inside), "{build}");
            with_symbols += 1;
        } else {
            without += 1;
        }
        assert_eq!(QueueGlobals::find(&code), Ok(from_code), "{build}");
    }
    assert!(with_symbols >= 10 && without >= 2, "{with_symbols} {without}");
}
