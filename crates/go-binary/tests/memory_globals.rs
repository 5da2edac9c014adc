//! Where real programs of every release count memory: their code has to say what their symbols say.

mod module_data;

use go_binary::globals::Code;
use go_binary::layout::table;
use go_binary::memory_globals::MemoryGlobals;
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
        let symbols = executable.symbols(["runtime.memstats", "runtime.gcController"]);
        let from_code = MemoryGlobals::from_code(&code, &layouts).unwrap_or_else(|e| panic!("{build}: {e}"));
        if let [Some(memstats), Some(controller)] = symbols {
            assert_eq!(
                (from_code.memstats.0, from_code.gc_controller.0),
                (memstats.0, controller.0),
                "{build}"
            );
            with_symbols += 1;
        } else {
            without += 1;
        }
        assert_eq!(MemoryGlobals::find(&code, &layouts), Ok(from_code), "{build}");
    }
    assert!(with_symbols >= 10 && without >= 2, "{with_symbols} {without}");
}
