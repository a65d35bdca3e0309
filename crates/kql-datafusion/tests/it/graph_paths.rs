//! `graph-shortest-paths` against a search from each node, step by step, for any graph.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::runner::{Outcome, run};

/// Returns for each pair of different nodes how long the shortest way is, of edges up to `most`, and how many
/// ways have that length.
fn reference(edges: &[(i64, i64)], most: usize) -> BTreeMap<(i64, i64), (usize, usize)> {
    let mut found = BTreeMap::new();
    let starts: Vec<i64> = edges.iter().map(|(source, _)| *source).collect();
    for start in starts {
        let mut reached = BTreeMap::from([(start, (0, 1))]);
        let mut last = BTreeMap::from([(start, 1_usize)]);
        for length in 1..=most {
            let mut next: BTreeMap<i64, usize> = BTreeMap::new();
            for (source, target) in edges {
                if let Some(ways) = last.get(source).filter(|_| !reached.contains_key(target)) {
                    *next.entry(*target).or_default() += ways;
                }
            }
            reached.extend(next.iter().map(|(node, ways)| (*node, (length, *ways))));
            last = next;
        }
        reached.remove(&start);
        found.extend(reached.into_iter().map(|(node, way)| ((start, node), way)));
    }
    found
}

fn query(edges: &[(i64, i64)], most: usize, output: &str) -> String {
    let rows: Vec<String> =
        edges.iter().map(|(source, target)| format!("{source}, {target}")).collect();
    format!(
        "datatable (source: long, target: long) [{}]
        | make-graph source --> target with_node_id = id
        | graph-shortest-paths output = {output} (a)-[e*1..{most}]->(b)
            project a = a.id, b = b.id, hops = array_length(map(e, target))",
        rows.join(", "),
    )
}

/// Returns the pairs of nodes that a query finds, with the length of the ways and their number.
fn answer(query: &str) -> BTreeMap<(i64, i64), (usize, usize)> {
    let Outcome::Ran(answer) = run(query) else { panic!("{query}: {:?}", run(query)) };
    let mut found: BTreeMap<(i64, i64), (usize, usize)> = BTreeMap::new();
    for row in answer.rows {
        let [from, to, hops] = [0, 1, 2].map(|at: usize| row[at].as_i64().unwrap());
        let hops = usize::try_from(hops).unwrap();
        let way = found.entry((from, to)).or_insert((hops, 0));
        assert_eq!(way.0, hops, "{query}");
        way.1 += 1;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn paths_are_the_shortest_that_a_search_finds(
        edges in prop::collection::vec((0_i64..5, 0_i64..5), 1..9),
        most in 1_usize..4,
    ) {
        let expected = reference(&edges, most);
        prop_assert_eq!(&answer(&query(&edges, most, "all")), &expected);
        let one: BTreeMap<_, _> =
            expected.into_iter().map(|(pair, (hops, _))| (pair, (hops, 1))).collect();
        prop_assert_eq!(answer(&query(&edges, most, "any")), one);
    }
}
