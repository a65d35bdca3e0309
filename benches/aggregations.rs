//! The published T1021.002 query and what people ask of Defender rows besides, against DuckDB.
//!
//! The rows are made by DuckDB, eight of ten network events and two process starts, as Parquet and
//! as JSON lines. `QUARRY_BENCH_ROWS` says how many there are: ten million unless given, which take
//! some 7 GB on disk.

use std::{error::Error, fs, num::NonZeroUsize, path::Path};

use benches::{Comparison, DuckDb};
use criterion::Criterion;
use engine::{Clock, CompiledQuery, Engine, Environment, Input, NoProgress, Settings};

const ROWS: u64 = 10_000_000;
/// 2026-11-24T12:00:00, the newest of the rows; the oldest is 48 hours older.
const NOW: &str = "2026-11-24T12:00:00";
const RULE: &str = include_str!("../detections/t1021.002/rules/published_reference.yaml");

/// The same question in KQL and in SQL; `{net}` is the table of network events.
struct Question {
    name: &'static str,
    kql: &'static str,
    sql: &'static str,
}

const QUESTIONS: [Question; 12] = [
    Question {
        name: "count by action",
        kql: "DeviceNetworkEvents | summarize count() by ActionType",
        sql: "SELECT ActionType, count(*) FROM {net} GROUP BY ALL",
    },
    Question {
        name: "devices by port",
        kql: "DeviceNetworkEvents | summarize count(), dcount(DeviceName) by RemotePort",
        sql: "SELECT RemotePort, count(*), count(DISTINCT DeviceName) FROM {net} GROUP BY ALL",
    },
    Question {
        name: "the commonest command lines",
        kql: "DeviceNetworkEvents | summarize count() by InitiatingProcessCommandLine | top 10 by count_",
        sql: "SELECT InitiatingProcessCommandLine, count(*) AS n FROM {net} GROUP BY ALL ORDER BY n DESC LIMIT 10",
    },
    Question {
        name: "each hour",
        kql: "DeviceNetworkEvents | summarize count(), max(RemotePort) by bin(Timestamp, 1h)",
        sql: "SELECT time_bucket(INTERVAL 1 hour, Timestamp), count(*), max(RemotePort) FROM {net} GROUP BY ALL",
    },
    Question {
        name: "whom each device reaches by SMB",
        kql: "DeviceNetworkEvents | where RemotePort == 445 | summarize make_set(RemoteIP) by DeviceName",
        sql: "SELECT DeviceName, list(DISTINCT RemoteIP) FROM {net} WHERE RemotePort = 445 GROUP BY ALL",
    },
    Question {
        name: "how many over SMB",
        kql: "DeviceNetworkEvents | where RemotePort == 445 and InitiatingProcessFileName !in~ ('system', 'svchost.exe') | count",
        sql: "SELECT count(*) FROM {net} WHERE RemotePort = 445 AND lower(InitiatingProcessFileName) NOT IN ('system', 'svchost.exe')",
    },
    Question {
        name: "the devices with most",
        kql: "DeviceNetworkEvents | summarize n = count(), dcount(RemoteIP) by DeviceName | top 20 by n",
        sql: "SELECT DeviceName, count(*) AS n, count(DISTINCT RemoteIP) FROM {net} GROUP BY ALL ORDER BY n DESC LIMIT 20",
    },
    Question {
        name: "each hour and action",
        kql: "DeviceNetworkEvents | summarize count() by bin(Timestamp, 1h), ActionType",
        sql: "SELECT time_bucket(INTERVAL 1 hour, Timestamp), ActionType, count(*) FROM {net} GROUP BY ALL",
    },
    Question {
        name: "processes and connections of a device",
        kql: "DeviceProcessEvents | where FileName =~ 'net.exe' | join kind=inner (DeviceNetworkEvents | where RemotePort == 445) on DeviceName | count",
        sql: "SELECT count(*) FROM {proc} p JOIN {net} n ON p.DeviceName = n.DeviceName WHERE lower(p.FileName) = 'net.exe' AND n.RemotePort = 445",
    },
    Question {
        name: "whom each device reaches by a term",
        kql: "DeviceNetworkEvents | where InitiatingProcessCommandLine has_any ('17', '18', '19') | summarize make_set(RemoteIP, 100) by DeviceName",
        sql: "SELECT DeviceName, list(DISTINCT RemoteIP)[1:100] FROM {net} WHERE regexp_matches(InitiatingProcessCommandLine, '(?i)(^|[^a-z0-9])(17|18|19)($|[^a-z0-9])') GROUP BY ALL",
    },
    Question {
        name: "the last ten",
        kql: "DeviceNetworkEvents | top 10 by Timestamp desc",
        sql: "SELECT * FROM {net} ORDER BY Timestamp DESC LIMIT 10",
    },
    Question {
        name: "percentile and deviation",
        kql: "DeviceNetworkEvents | summarize percentile(RemotePort, 95), stdev(RemotePort) by InitiatingProcessFileName",
        sql: "SELECT InitiatingProcessFileName, quantile_disc(RemotePort, 0.95), stddev(RemotePort) FROM {net} GROUP BY ALL",
    },
];

/// The published query in SQL, word by word.
const REFERENCE: &str = r"
SELECT Timestamp, DeviceName, InitiatingProcessFileName, InitiatingProcessCommandLine, RemoteIP,
 RemotePort, RemoteUrl, ActionType, NULL AS ProcessCommandLine, NULL AS AccountName, NULL AS Source
FROM {net} WHERE Timestamp > TIMESTAMP '2026-11-23 12:00:00' AND RemotePort = 445
 AND ActionType IN ('ConnectionSuccess', 'ConnectionFound')
 AND lower(InitiatingProcessFileName) NOT IN ('svchost.exe', 'system')
UNION ALL
SELECT Timestamp, DeviceName, InitiatingProcessFileName, NULL, NULL, NULL, NULL, NULL,
 ProcessCommandLine, AccountName, 'PsExec'
FROM {proc} WHERE Timestamp > TIMESTAMP '2026-11-23 12:00:00'
 AND lower(FileName) IN ('psexec.exe', 'psexec64.exe', 'paexec.exe', 'remcom.exe')
UNION ALL
SELECT Timestamp, DeviceName, InitiatingProcessFileName, NULL, NULL, NULL, NULL, NULL,
 ProcessCommandLine, AccountName, NULL
FROM {proc} WHERE Timestamp > TIMESTAMP '2026-11-23 12:00:00' AND lower(FileName) IN ('net.exe', 'net1.exe')
 AND regexp_matches(ProcessCommandLine, '(?i)\buse\b')
 AND (contains(lower(ProcessCommandLine), 'admin$') OR contains(lower(ProcessCommandLine), 'c$')
 OR contains(lower(ProcessCommandLine), 'ipc$') OR contains(ProcessCommandLine, '\\'))
ORDER BY Timestamp DESC";

/// Rows of network events `i` of `{rows}`: skewed, and the same in every run.
const NETWORK: &str = r"
SELECT TIMESTAMP '2026-11-24 12:00:00' - to_microseconds((hash(i) % 172800000000)::BIGINT) AS Timestamp,
 printf('%040x', (hash(i + 1) % 5000)::BIGINT) AS DeviceId,
 printf('ws%05d.corp.example', (hash(i + 1) % 5000)::BIGINT) AS DeviceName,
 ['ConnectionSuccess', 'ConnectionSuccess', 'ConnectionSuccess', 'ConnectionFound', 'ConnectionFailed'][1 + (hash(i + 2) % 5)::INT] AS ActionType,
 printf('10.%d.%d.%d', (hash(i + 3) % 8)::BIGINT, (hash(i + 4) % 32)::BIGINT, (hash(i + 5) % 256)::BIGINT) AS RemoteIP,
 (CASE WHEN hash(i + 6) % 100 < 60 THEN 443 WHEN hash(i + 6) % 100 < 80 THEN 53 WHEN hash(i + 6) % 100 < 83 THEN 445 ELSE 1 + hash(i + 7) % 1000 END)::INTEGER AS RemotePort,
 ['', '', 'login.example.org', 'update.vendor.example'][1 + (hash(i + 8) % 4)::INT] AS RemoteUrl,
 printf('10.9.%d.%d', (hash(i + 1) % 20)::BIGINT, (hash(i + 1) % 250)::BIGINT) AS LocalIP,
 ['chrome.exe', 'svchost.exe', 'System', 'powershell.exe', 'Teams.exe', 'OUTLOOK.EXE', 'explorer.exe', 'cmd.exe'][1 + (hash(i + 9) % 8)::INT] AS InitiatingProcessFileName,
 printf('C:\Program Files\Vendor%d\app.exe --type=renderer --field-trial-handle=%d,i,%d --lang=en-US --user-data-dir=C:\Users\user%d\AppData\Local', (hash(i + 10) % 300)::BIGINT, (hash(i + 10) % 20000)::BIGINT, (hash(i + 10) % 20000)::BIGINT, (hash(i + 10) % 900)::BIGINT) AS InitiatingProcessCommandLine,
 i AS ReportId
FROM range({rows}) AS t(i)";

/// Rows of process starts.
const PROCESS: &str = r"
SELECT TIMESTAMP '2026-11-24 12:00:00' - to_microseconds((hash(i) % 172800000000)::BIGINT) AS Timestamp,
 printf('ws%05d.corp.example', (hash(i + 1) % 5000)::BIGINT) AS DeviceName,
 'ProcessCreated' AS ActionType,
 CASE WHEN hash(i + 2) % 50000 = 0 THEN 'PsExec.exe' WHEN hash(i + 2) % 100 < 2 THEN 'net.exe' ELSE 'svchost.exe' END AS FileName,
 CASE WHEN hash(i + 3) % 10 = 0 THEN printf('net use \\ws%05d\C$ /user:corp\adm%d', (hash(i + 4) % 5000)::BIGINT, (hash(i + 5) % 100)::BIGINT) ELSE printf('C:\Windows\System32\svchost.exe -k netsvcs -p -s Svc%d', (hash(i + 5) % 1000)::BIGINT) END AS ProcessCommandLine,
 printf('user%d', (hash(i + 6) % 3000)::BIGINT) AS AccountName,
 'explorer.exe' AS InitiatingProcessFileName,
 i AS ReportId
FROM range({rows}) AS t(i)";

/// DuckDB reads JSON's times if it is told that they are some.
const JSON_COLUMNS: [&str; 2] = [
    "{Timestamp: 'TIMESTAMP', DeviceId: 'VARCHAR', DeviceName: 'VARCHAR', ActionType: 'VARCHAR', RemoteIP: 'VARCHAR', \
     RemotePort: 'INTEGER', RemoteUrl: 'VARCHAR', LocalIP: 'VARCHAR', InitiatingProcessFileName: 'VARCHAR', \
     InitiatingProcessCommandLine: 'VARCHAR', ReportId: 'BIGINT'}",
    "{Timestamp: 'TIMESTAMP', DeviceName: 'VARCHAR', ActionType: 'VARCHAR', FileName: 'VARCHAR', \
     ProcessCommandLine: 'VARCHAR', AccountName: 'VARCHAR', InitiatingProcessFileName: 'VARCHAR', ReportId: 'BIGINT'}",
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = testkit::Folder::empty();
    let mut duckdb = DuckDb::start()?;
    let rows = rows()?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for (name, is_json) in [("Parquet", false), ("JSON lines", true)] {
        let tables = Tables::make(folder.path(), rows, is_json, &mut duckdb)?;
        for threads in [1, 2] {
            duckdb.ask(&format!("SET threads = {threads}"))?;
            let ours = Ours::new(threads)?;
            let title = |question: &str| format!("{name}, threads {threads}: {question}");
            let reference = (title("T1021.002"), reference()?, REFERENCE);
            let others = QUESTIONS.iter().map(|it| (title(it.name), it.kql.to_owned(), it.sql));
            for (title, kql, sql) in std::iter::once(reference).chain(others) {
                compare(
                    &title,
                    &ours,
                    &kql,
                    &tables,
                    &tables.in_sql(sql),
                    &mut duckdb,
                    &mut criterion,
                )?;
            }
        }
        tables.remove()?;
    }
    criterion.final_summary();
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench has no other way to be told a size")]
fn rows() -> Result<u64, Box<dyn Error>> {
    Ok(match std::env::var("QUARRY_BENCH_ROWS") {
        Ok(rows) => rows.parse()?,
        Err(_) => ROWS,
    })
}

/// Returns the query of the rule: what is indented below its key.
fn reference() -> Result<String, Box<dyn Error>> {
    let (_, rest) = RULE.split_once("query: |\n").ok_or("a rule without a query")?;
    let lines = rest.lines().take_while(|line| line.starts_with(' ') || line.is_empty());
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Both must have as many rows, or they were not asked the same.
fn compare(
    title: &str,
    ours: &Ours,
    kql: &str,
    tables: &Tables,
    sql: &str,
    duckdb: &mut DuckDb,
    criterion: &mut Criterion,
) -> Result<(), Box<dyn Error>> {
    let (query, inputs) = (ours.compile(kql)?, tables.inputs());
    let (found, expected) = (ours.ask(&query, &inputs), duckdb.ask(sql)?);
    if found != expected {
        return Err(format!("{title}: {found} rows, DuckDB has {expected}").into());
    }
    Comparison::new(title, tables.bytes()?, || ours.ask(&query, &inputs))
        .against("DuckDB", || duckdb.ask(sql).unwrap_or_default())
        .run(criterion);
    Ok(())
}

/// An engine with so many threads.
struct Ours {
    environment: Environment,
    engine: Engine,
    clock: Clock,
}

impl Ours {
    fn new(threads: usize) -> Result<Self, Box<dyn Error>> {
        let environment = Environment::builtin(::tables::Environment::Both);
        let settings = Settings {
            date_order: None,
            threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
            staging_bytes: 256 << 20,
            operator_bytes: 768 << 20,
            spill_folder: std::env::temp_dir(),
            carve: false,
            local_offset: None,
            passwords: engine::Passwords::default(),
        };
        let engine = Engine::new(&environment, settings)?;
        let now = kql_types::datetime::parse(NOW).ok_or("the time of the bench is none")?;
        Ok(Self { environment, engine, clock: Clock::At(now) })
    }

    fn compile(&self, kql: &str) -> Result<CompiledQuery, Box<dyn Error>> {
        engine::compile(kql, &self.environment, false)
            .map_err(|diagnostics| format!("{kql}: {diagnostics:?}").into())
    }

    /// Returns the number of rows, 0 if the query fails.
    fn ask(&self, query: &CompiledQuery, inputs: &[Input]) -> u64 {
        let query = std::slice::from_ref(query);
        let Ok(run) = self.engine.run_once(query, inputs, self.clock, &NoProgress) else {
            return 0;
        };
        let Ok(results) = run.rows(0) else { return 0 };
        let batches = results.into_iter().flatten();
        batches.flatten().map(|batch| u64::try_from(batch.num_rows()).unwrap_or_default()).sum()
    }
}

/// The files of both tables.
struct Tables {
    network: std::path::PathBuf,
    process: std::path::PathBuf,
    is_json: bool,
}

impl Tables {
    fn make(
        folder: &Path,
        rows: u64,
        is_json: bool,
        duckdb: &mut DuckDb,
    ) -> Result<Self, Box<dyn Error>> {
        let extension = if is_json { "jsonl" } else { "parquet" };
        let path = |table: &str| folder.join(format!("{table}.{extension}"));
        let (network, process) = (path("DeviceNetworkEvents"), path("DeviceProcessEvents"));
        let processes = rows / 5;
        for (path, select, rows) in
            [(&network, NETWORK, rows.saturating_sub(processes)), (&process, PROCESS, processes)]
        {
            let select = select.replace("{rows}", &rows.to_string());
            // Times as Defender writes them.
            let (select, format) = if is_json {
                let iso = "strftime(Timestamp, '%Y-%m-%dT%H:%M:%S.%fZ') AS Timestamp";
                (format!("SELECT * REPLACE ({iso}) FROM ({select})"), "FORMAT json")
            } else {
                (select, "FORMAT parquet, COMPRESSION zstd")
            };
            duckdb.ask(&format!("COPY ({select}) TO '{}' ({format})", path.display()))?;
        }
        Ok(Self { network, process, is_json })
    }

    fn inputs(&self) -> [Input; 2] {
        [Input::File(self.network.clone()), Input::File(self.process.clone())]
    }

    fn bytes(&self) -> Result<u64, Box<dyn Error>> {
        Ok(fs::metadata(&self.network)?.len().saturating_add(fs::metadata(&self.process)?.len()))
    }

    fn in_sql(&self, sql: &str) -> String {
        let [network, process] = JSON_COLUMNS;
        let read = |path: &Path, columns: &str| {
            let path = path.display();
            if self.is_json {
                format!("read_json('{path}', format = 'newline_delimited', columns = {columns})")
            } else {
                format!("read_parquet('{path}')")
            }
        };
        sql.replace("{net}", &read(&self.network, network))
            .replace("{proc}", &read(&self.process, process))
    }

    fn remove(self) -> std::io::Result<()> {
        fs::remove_file(self.network)?;
        fs::remove_file(self.process)
    }
}
