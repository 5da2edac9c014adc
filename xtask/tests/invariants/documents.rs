//! What the documents promise: links that lead somewhere, two languages alike, no private paths.

use crate::repository::{files, nothing_wrong, read, root};

/// The parts of a document that must be the same in every language.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outline {
    /// Levels of the headings, in order.
    headings: Vec<usize>,
    /// Lines of the code blocks that are commands or their output, without comments, which are translated.
    code: Vec<String>,
    /// Columns and rows of the tables.
    table_cells: Vec<usize>,
}

fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            let code = line.split(" # ").next().unwrap_or_default().trim_end();
            if !code.is_empty() && !code.starts_with("# ") {
                outline.code.push(code.to_owned());
            }
        } else if line.starts_with('#') {
            outline.headings.push(line.chars().take_while(|&c| c == '#').count());
        } else if line.starts_with('|') {
            outline.table_cells.push(line.matches('|').count());
        }
    }
    outline
}

/// The targets of `[text](target)` outside code.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if !in_code {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            found.extend(targets);
        }
    }
    found
}

#[test]
fn both_readmes_say_the_same() {
    let (english, chinese) = ("README.md", "README.zh-CN.md");
    let exist = [english, chinese].map(|path| root().join(path).is_file());
    if exist == [false, false] {
        return;
    }
    assert_eq!(
        exist,
        [true, true],
        "there is one README in English and one in Chinese\nhint: write the other one"
    );
    let (english, chinese) = (outline(&read(english)), outline(&read(chinese)));
    let hint =
        "the two READMEs differ\nhint: change both: same headings, same commands and output, same tables";
    assert_eq!(english.headings, chinese.headings, "{hint} (levels of the headings)");
    assert_eq!(english.code, chinese.code, "{hint} (lines of the code blocks)");
    assert_eq!(english.table_cells, chinese.table_cells, "{hint} (bars in each table row)");
}

#[test]
fn outlines_see_headings_code_and_tables() {
    let text = "# a\ntext\n```sh\n# remark\nmake demo  # try it\n```\n## b\n| x | y |\n";
    let expected = Outline { headings: vec![1, 2], code: vec!["make demo".to_owned()], table_cells: vec![3] };
    assert_eq!(outline(text), expected);
}

#[test]
fn links_lead_to_files_that_exist() {
    let mut problems = Vec::new();
    for path in files(&[".md"]) {
        let folder = root().join(&path).parent().unwrap().to_path_buf();
        let text = read(&path);
        for link in links(&text) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty()
                && !file.contains("://")
                && !file.starts_with("mailto:")
                && !folder.join(file).exists()
            {
                problems.push(format!("{path}: {link}"));
            }
        }
    }
    nothing_wrong("a link leads nowhere", "mend the link, relative to the document that has it", &problems);
}

#[test]
fn nothing_mentions_a_private_path() {
    // In pieces, or this file would find itself.
    let private = ["/home", "/Users", "/root"].map(|directory| format!("{directory}/"));
    let mut problems = Vec::new();
    let mut paths = files(&[".md", ".toml", ".yml", ".yaml", ".go", ".sh", "Makefile"]);
    for folder in ["scripts", ".ci"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        paths.extend(
            entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap())),
        );
    }
    for path in paths {
        for (number, line) in read(&path).lines().enumerate() {
            if private.iter().any(|private| line.contains(private.as_str())) {
                problems.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    nothing_wrong(
        "a document or script names somebody's home directory",
        "write $HOME, ~, a placeholder, or a path from the repository's root",
        &problems,
    );
}
