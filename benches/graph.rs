//! Patterns and shortest paths in a graph of 100,000 nodes and 1,000,000 edges, against recursive SQL in DuckDB.
//!
//! The edges are network events as Parquet, made by DuckDB: who connects to whom is spread evenly, ten connections a
//! node. Both are asked for the number of results first, which has to be the same.
//! `QUARRY_BENCH_EDGES` says how many edges there are, a tenth of it nodes.

use std::{error::Error, fs, num::NonZeroUsize};

use benches::{Comparison, DuckDb};
use criterion::Criterion;
use engine::{Clock, CompiledQuery, Engine, Environment, Input, NoProgress, Settings};

const EDGES: u64 = 1_000_000;
/// What rows and operators may take together.
const MEMORY: usize = 1 << 30;

/// The same question in KQL, behind `make-graph`, and in SQL over `edges (id, a, b, port)`; each has one row for each
/// result.
struct Question {
    name: &'static str,
    kql: &'static str,
    sql: &'static str,
}

const QUESTIONS: [Question; 5] = [
    Question {
        name: "three hops from the edges of a port",
        kql: "graph-match (a)-[e]->(b)-[f]->(c)-[g]->(d) where e.RemotePort == 445 \
              project a = a.id, b = b.id, c = c.id, d = d.id",
        // No edge twice, which is what `graph-match` has unless told otherwise.
        sql: "SELECT e.a, f.a, g.a, g.b FROM edges e JOIN edges f ON f.a = e.b JOIN edges g ON g.a = f.b \
              WHERE e.port = 445 AND e.id <> f.id AND f.id <> g.id AND e.id <> g.id",
    },
    Question {
        name: "one to three hops from a node",
        kql: "graph-match (a)-[e*1..3]->(d) where a.id == 'n000042' project d = d.id",
        sql: "WITH RECURSIVE walk(b, seen, hops) AS (\
                SELECT b, [id], 1 FROM edges WHERE a = 'n000042' UNION ALL \
                SELECT e.b, list_append(seen, e.id), hops + 1 FROM walk JOIN edges e ON e.a = walk.b \
                WHERE hops < 3 AND NOT list_contains(seen, e.id)) SELECT b FROM walk",
    },
    Question {
        name: "the shortest path between two nodes",
        kql: "graph-shortest-paths (s)-[e*1..6]->(d) where s.id == 'n000042' and d.id == 'n000077' \
              project hops = array_length(map(e, RemotePort))",
        sql: "WITH RECURSIVE walk(b, hops) AS (\
                SELECT b, 1 FROM edges WHERE a = 'n000042' UNION \
                SELECT e.b, hops + 1 FROM walk JOIN edges e ON e.a = walk.b WHERE hops < 6) \
              SELECT b, min(hops) FROM walk WHERE b = 'n000077' GROUP BY b",
    },
    Question {
        name: "the shortest paths from a node to all others",
        kql: "graph-shortest-paths (s)-[e*1..6]->(d) where s.id == 'n000042' \
              project d = d.id, hops = array_length(map(e, RemotePort))",
        sql: "WITH RECURSIVE walk(b, hops) AS (\
                SELECT b, 1 FROM edges WHERE a = 'n000042' UNION \
                SELECT e.b, hops + 1 FROM walk JOIN edges e ON e.a = walk.b WHERE hops < 6) \
              SELECT b, min(hops) FROM walk WHERE b <> 'n000042' GROUP BY b",
    },
    Question {
        name: "who is reached in four hops from any of eight",
        kql: "graph-shortest-paths (s)-[e*1..4]->(d) \
              where s.id in ('n000042', 'n000043', 'n000044', 'n000045', 'n000046', 'n000047', 'n000048', 'n000049') \
              project s = s.id, d = d.id",
        sql: "WITH RECURSIVE walk(a, b, hops) AS (\
                SELECT a, b, 1 FROM edges WHERE a BETWEEN 'n000042' AND 'n000049' UNION \
                SELECT walk.a, e.b, hops + 1 FROM walk JOIN edges e ON e.a = walk.b WHERE hops < 4) \
              SELECT a, b, min(hops) FROM walk WHERE a <> b GROUP BY a, b",
    },
];

/// Row `i` of the edges: the same in every run.
const ROWS: &str = r"
SELECT TIMESTAMP '2026-11-24 12:00:00' - to_microseconds((hash(i) % 172800000000)::BIGINT) AS Timestamp,
 printf('n%06d', (hash(i + 1) % {nodes})::BIGINT) AS DeviceName,
 printf('n%06d', (hash(i + 2000003) % {nodes})::BIGINT) AS RemoteUrl,
 (hash(i + 3) % 1000)::INTEGER AS RemotePort, i AS ReportId
FROM range({edges}) AS t(i)";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = testkit::Folder::empty();
    let path = folder.path().join("DeviceNetworkEvents.parquet");
    let edges = edges()?;
    let nodes = edges.checked_div(10).unwrap_or_default();
    let rows = ROWS.replace("{edges}", &edges.to_string()).replace("{nodes}", &nodes.to_string());
    let mut duckdb = DuckDb::start()?;
    duckdb.ask(&format!("COPY ({rows}) TO '{}' (FORMAT parquet)", path.display()))?;
    duckdb.ask(&format!("SET memory_limit = '{}MB'", MEMORY >> 20))?;
    let view = "CREATE VIEW edges AS SELECT ReportId AS id, DeviceName AS a, RemoteUrl AS b, RemotePort AS port";
    duckdb.ask(&format!("{view} FROM read_parquet('{}')", path.display()))?;
    let (inputs, bytes) = ([Input::File(path.clone())], fs::metadata(&path)?.len());
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for threads in [1, 2] {
        duckdb.ask(&format!("SET threads = {threads}"))?;
        let ours = Ours::new(threads)?;
        for question in &QUESTIONS {
            let title = format!("graph, threads {threads}: {}", question.name);
            let query = ours.compile(question.kql)?;
            let (found, expected) = (ours.ask(&query, &inputs)?, duckdb.ask(question.sql)?);
            if found != expected {
                return Err(format!("{title}: {found} rows, DuckDB has {expected}").into());
            }
            Comparison::new(title, bytes, || ours.ask(&query, &inputs).unwrap_or_default())
                .against("DuckDB", || duckdb.ask(question.sql).unwrap_or_default())
                .run(&mut criterion);
        }
    }
    criterion.final_summary();
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench has no other way to be told a size")]
fn edges() -> Result<u64, Box<dyn Error>> {
    Ok(match std::env::var("QUARRY_BENCH_EDGES") {
        Ok(edges) => edges.parse()?,
        Err(_) => EDGES,
    })
}

/// An engine with so many threads.
struct Ours {
    environment: Environment,
    engine: Engine,
}

impl Ours {
    fn new(threads: usize) -> Result<Self, Box<dyn Error>> {
        let environment = Environment::builtin(::tables::Environment::Both);
        let settings = Settings {
            date_order: None,
            threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
            staging_bytes: MEMORY / 4,
            operator_bytes: MEMORY / 4 * 3,
            spill_folder: std::env::temp_dir(),
            carve: false,
            local_offset: None,
            passwords: engine::Passwords::default(),
        };
        Ok(Self { engine: Engine::new(&environment, settings)?, environment })
    }

    fn compile(&self, kql: &str) -> Result<CompiledQuery, Box<dyn Error>> {
        let graph = "DeviceNetworkEvents | make-graph DeviceName --> RemoteUrl with_node_id = id";
        engine::compile(&format!("{graph} | {kql}"), &self.environment, false)
            .map_err(|diagnostics| format!("{kql}: {diagnostics:?}").into())
    }

    /// Returns the number of rows.
    fn ask(&self, query: &CompiledQuery, inputs: &[Input]) -> Result<u64, Box<dyn Error>> {
        let query = std::slice::from_ref(query);
        let run = self.engine.run_once(query, inputs, Clock::At(0), &NoProgress)?;
        let mut rows = 0_u64;
        for result in run.rows(0)? {
            for batch in result {
                rows = rows.saturating_add(u64::try_from(batch?.num_rows())?);
            }
        }
        Ok(rows)
    }
}
