//! `graph-match` against a search that tries every edge at every step, for any graph and pattern.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::runner::{Outcome, run};

/// An edge: its source, its target and its kind. Its place is its number.
type Edge = (i64, i64, i64);

/// An edge of a pattern.
#[derive(Clone, Debug)]
struct Hop {
    /// `->`, `<-` or `-`
    arrow: usize,
    /// The lengths that it may have, if they vary.
    lengths: Option<(usize, usize)>,
    /// Of which kind its edges are; any if it is none.
    kind: Option<i64>,
}

#[derive(Clone, Debug)]
struct Pattern {
    hops: Vec<Hop>,
    cycles: usize,
    /// Whether the last node is the first one.
    is_closed: bool,
}

const CYCLES: [&str; 3] = ["all", "none", "unique_edges"];

fn query(edges: &[Edge], nodes: &[i64], pattern: &Pattern) -> String {
    let row =
        |(at, (source, target, kind)): (usize, &Edge)| format!("{at}, {source}, {target}, {kind}");
    let edges: Vec<String> = edges.iter().enumerate().map(row).collect();
    let nodes: Vec<String> = nodes.iter().map(|id| format!("{id}, {}", id * 10)).collect();
    let last = pattern.hops.len();
    let node = |at: usize| {
        if pattern.is_closed && at == last { "n0".to_owned() } else { format!("n{at}") }
    };
    let mut text = format!("({})", node(0));
    let mut tests = vec!["true".to_owned()];
    let mut shown = Vec::new();
    for (at, hop) in pattern.hops.iter().enumerate() {
        let lengths =
            hop.lengths.map_or(String::new(), |(least, most)| format!("*{least}..{most}"));
        let (left, right) = [("-", "->"), ("<-", "-"), ("-", "-")][hop.arrow];
        let next = node(at + 1);
        text = format!("{text}{left}[e{at}{lengths}]{right}({next})");
        if let Some(kind) = hop.kind {
            tests.push(match hop.lengths {
                Some(_) => format!("all(e{at}, what == {kind})"),
                None => format!("e{at}.what == {kind}"),
            });
        }
        shown.push(match hop.lengths {
            Some(_) => format!("e{at} = e{at}.id, i{at} = map(inner_nodes(e{at}), id)"),
            None => format!("e{at} = pack_array(e{at}.id), i{at} = dynamic([])"),
        });
    }
    for at in 0..=last {
        shown.push(format!("n{at} = {n}.id, p{at} = {n}.p", n = node(at)));
    }
    format!(
        "let nodes = datatable (id: long, p: long) [{}];
        datatable (id: long, source: long, target: long, what: long) [{}]
        | make-graph source --> target with nodes on id
        | graph-match cycles={} {text} where {} project {}",
        nodes.join(", "),
        edges.join(", "),
        CYCLES[pattern.cycles],
        tests.join(" and "),
        shown.join(", "),
    )
}

/// What has been walked of a pattern.
#[derive(Clone)]
struct Walk {
    /// The nodes of the pattern.
    nodes: Vec<i64>,
    /// All nodes in turn.
    visited: Vec<i64>,
    /// The edges of each edge of the pattern, and the nodes between them.
    edges: Vec<(Vec<i64>, Vec<i64>)>,
}

fn reference(edges: &[Edge], known: &[i64], pattern: &Pattern) -> Vec<Json> {
    let mut starts: Vec<i64> =
        edges.iter().flat_map(|(source, target, _)| [*source, *target]).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut walks: Vec<Walk> = starts
        .into_iter()
        .map(|node| Walk { nodes: vec![node], visited: vec![node], edges: Vec::new() })
        .collect();
    for hop in &pattern.hops {
        let (least, most) = hop.lengths.unwrap_or((1, 1));
        let mut longer = Vec::new();
        for walk in &walks {
            let at = *walk.visited.last().unwrap();
            let mut paths: Vec<(Vec<i64>, Vec<i64>)> = vec![(Vec::new(), vec![at])];
            for length in 1..=most {
                paths = paths.iter().flat_map(|path| steps(edges, hop, path)).collect();
                if length < least {
                    continue;
                }
                for (used, nodes) in &paths {
                    let mut walk = walk.clone();
                    walk.visited.extend(&nodes[1..]);
                    walk.nodes.push(*nodes.last().unwrap());
                    walk.edges.push((used.clone(), nodes[1..nodes.len() - 1].to_vec()));
                    longer.push(walk);
                }
            }
        }
        walks = longer;
    }
    let property = |node: &i64| if known.contains(node) { json!(node * 10) } else { Json::Null };
    let is_match = |walk: &&Walk| {
        let ends = (walk.nodes[0], *walk.nodes.last().unwrap());
        let used: Vec<i64> = walk.edges.iter().flat_map(|(used, _)| used).copied().collect();
        (!pattern.is_closed || ends.0 == ends.1)
            && match CYCLES[pattern.cycles] {
                "none" => !pattern.is_closed && is_distinct(&walk.visited),
                "unique_edges" => is_distinct(&used),
                _ => true,
            }
    };
    let row = |walk: &Walk| {
        let edges = walk.edges.iter().flat_map(|(used, inner)| [json!(used), json!(inner)]);
        let nodes = walk.nodes.iter().flat_map(|node| [json!(node), property(node)]);
        edges.chain(nodes).collect()
    };
    walks.iter().filter(is_match).map(row).collect()
}

/// Returns a path with each edge that it may go on with.
fn steps(
    edges: &[Edge],
    hop: &Hop,
    (used, nodes): &(Vec<i64>, Vec<i64>),
) -> Vec<(Vec<i64>, Vec<i64>)> {
    let at = *nodes.last().unwrap();
    let mut found = Vec::new();
    for (number, (source, target, kind)) in edges.iter().enumerate() {
        if hop.kind.is_some_and(|wanted| wanted != *kind) {
            continue;
        }
        let mut reached = Vec::new();
        if hop.arrow != 1 && *source == at {
            reached.push(*target);
        }
        if hop.arrow != 0 && *target == at && !(hop.arrow == 2 && source == target) {
            reached.push(*source);
        }
        for node in reached {
            let mut path = (used.clone(), nodes.clone());
            path.0.push(i64::try_from(number).unwrap());
            path.1.push(node);
            found.push(path);
        }
    }
    found
}

fn is_distinct(values: &[i64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

#[track_caller]
fn answer(query: &str) -> Vec<Json> {
    let Outcome::Ran(answer) = run(query) else { panic!("{query}: {:?}", run(query)) };
    answer.rows.into_iter().map(Json::Array).collect()
}

fn sorted(mut rows: Vec<Json>) -> Vec<Json> {
    rows.sort_by_key(ToString::to_string);
    rows
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let lengths =
        prop::option::of((1_usize..3, 0_usize..2).prop_map(|(least, more)| (least, least + more)));
    let hop = (0_usize..3, lengths, prop::option::of(0_i64..2))
        .prop_map(|(arrow, lengths, kind)| Hop { arrow, lengths, kind });
    (prop::collection::vec(hop, 1..4), 0_usize..3, any::<bool>())
        .prop_map(|(hops, cycles, is_closed)| Pattern { hops, cycles, is_closed })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn patterns_match_what_a_search_finds(
        edges in prop::collection::vec((0_i64..4, 0_i64..4, 0_i64..2), 1..7),
        nodes in prop::collection::btree_set(0_i64..4, 0..4),
        pattern in pattern(),
    ) {
        let nodes: Vec<i64> = nodes.into_iter().collect();
        let query = query(&edges, &nodes, &pattern);
        let expected = sorted(reference(&edges, &nodes, &pattern));
        prop_assert_eq!(sorted(answer(&query)), expected, "{}", query);
    }
}
