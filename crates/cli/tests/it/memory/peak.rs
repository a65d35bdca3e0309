//! Runs the binary and watches how much memory the system gave it.

use std::{
    ffi::OsStr,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A process that ended.
pub(crate) struct Ended {
    /// The most memory that it ever had.
    pub(crate) peak_kb: u64,
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `quarry` with arguments in the workspace's folder.
pub(crate) fn measured<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quarry"))
        .args(args)
        .current_dir(crate::quarry::workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    thread::scope(|scope| {
        // A process that waits for its reader never ends.
        let stdout = scope.spawn(move || std::io::read_to_string(&mut stdout).unwrap());
        let stderr = scope.spawn(move || std::io::read_to_string(&mut stderr).unwrap());
        let peak_kb = peak_of(&mut child);
        let status = child.wait().unwrap().code().unwrap();
        let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
        Ended { peak_kb, status, stdout, stderr }
    })
}

/// Waits for the end. The system's count only grows, so that looking now and then is enough.
fn peak_of(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.split_whitespace().next());
        peak_kb = peak.map_or(peak_kb, |kb| kb.parse().unwrap());
        thread::sleep(Duration::from_millis(2));
    }
    peak_kb
}
