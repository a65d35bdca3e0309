//! Hosts and shares that a command line names.

/// Returns host and share of the first UNC path in a text; the share is `""` if the path ends
/// before it. `\\.\pipe` and `\\?\C:\` are paths of the own host and are passed over.
pub(crate) fn unc_target(line: &str) -> Option<(&str, &str)> {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(r"\\") {
        // A path in a quoted or escaped text may have its backslashes doubled.
        let after = after.trim_start_matches('\\');
        let host_end = after.find(is_end).unwrap_or(after.len());
        let (host, tail) = after.split_at_checked(host_end)?;
        let tail = tail.trim_start_matches('\\');
        if is_host(host) {
            let share_end = tail.find(is_end).unwrap_or(tail.len());
            let share = if after.get(host_end..).is_some_and(|at| at.starts_with('\\')) {
                tail.get(..share_end).unwrap_or_default()
            } else {
                ""
            };
            return Some((host, share));
        }
        rest = after.get(host_end..)?;
    }
    None
}

fn is_end(char: char) -> bool {
    char.is_whitespace() || char.is_control() || r#"\/"'<>|&;,()"#.contains(char)
}

fn is_host(host: &str) -> bool {
    host.chars().any(char::is_alphanumeric)
        && host.chars().all(|char| char.is_alphanumeric() || "-_.:@%".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_other_host_is_found() {
        for (line, host, share) in [
            (r"net  use m: \\fs03vuln\c$ /USER:offsec\hack1", "fs03vuln", "c$"),
            (r"psexec64 \\10.20.40.22 -s cmd", "10.20.40.22", ""),
            (r#"copy a.exe "\\srv.corp.example\ADMIN$\a.exe""#, "srv.corp.example", "ADMIN$"),
            (r"type \\.\pipe\x > \\ws-1\C$\x", "ws-1", "C$"),
            (r"cmd /c echo \\\\host\\C$\\x", "host", "C$"),
        ] {
            assert_eq!(unc_target(line), Some((host, share)), "{line}");
        }
    }

    #[test]
    fn what_is_no_unc_path_is_none() {
        for line in ["net use X: /delete", r"dir C:\Windows", r"\\?\C:\x", r"\\", ""] {
            assert_eq!(unc_target(line), None, "{line}");
        }
    }
}
