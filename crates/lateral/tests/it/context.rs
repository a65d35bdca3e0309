//! Logons by other ways as what joins hops.

use lateral::{
    Account, AddressNote, Method, Movement, NamedBy, Observations, RemoteLogon, paths, trace,
};

use crate::fixture::{MINUTE, access, all_paths};

fn desktop(time: i64, source: [u8; 4], host: &str, account: &str) -> RemoteLogon {
    RemoteLogon {
        host: host.to_owned(),
        time,
        account: Account { name: account.to_owned(), ..Account::default() },
        address: source.into(),
        method: Method::RemoteDesktop,
    }
}

/// From `ws-1` to `10.0.0.1`, and from `srv-2` to `dc-1`: nothing that an alert is about joins the two.
fn traced(remote_logons: Vec<RemoteLogon>, addresses: Vec<AddressNote>) -> Movement {
    let alerts =
        [access(MINUTE, "ws-1", "10.0.0.1", "amy"), access(9 * MINUTE, "srv-2", "dc-1", "amy")];
    trace(&alerts, &Observations { remote_logons, addresses, ..Observations::default() })
}

#[test]
fn a_remote_desktop_between_two_hops_joins_them() {
    let movement = traced(vec![desktop(5 * MINUTE, [10, 0, 0, 1], "srv-2", "amy")], Vec::new());
    assert_eq!(all_paths(&movement), ["ws-1 > 10.0.0.1 > srv-2 > dc-1"]);
    let path = &paths(&movement, 9)[0];
    let hop = &movement.hops[path.hops[1]];
    assert!(hop.is_context && hop.alerts.is_empty(), "{hop:?}");
    assert_eq!(hop.how(), "remote desktop (context)");
    assert_eq!(movement.hops.iter().filter(|hop| hop.is_context).count(), 1);
}

#[test]
fn two_in_a_row_join_as_well() {
    let logons = vec![
        desktop(4 * MINUTE, [10, 0, 0, 1], "srv-9", "amy"),
        desktop(6 * MINUTE, [10, 0, 0, 9], "srv-2", "amy"),
    ];
    let unnamed = traced(logons.clone(), Vec::new());
    assert_eq!(all_paths(&unnamed), ["ws-1 > 10.0.0.1", "srv-2 > dc-1"]);
    let own = AddressNote {
        address: [10, 0, 0, 9].into(),
        by: NamedBy::OwnRecord,
        host: "srv-9".to_owned(),
        first: 0,
        last: 9 * MINUTE,
    };
    let named = traced(logons, vec![own]);
    assert_eq!(all_paths(&named), ["ws-1 > 10.0.0.1 > srv-9 > srv-2 > dc-1"]);
}

#[test]
fn what_joins_nothing_is_left_out() {
    for logon in [
        // After the next hop has left, before the first one has come, and at that very time.
        desktop(10 * MINUTE, [10, 0, 0, 1], "srv-2", "amy"),
        desktop(MINUTE / 2, [10, 0, 0, 1], "srv-2", "amy"),
        desktop(MINUTE, [10, 0, 0, 1], "srv-2", "amy"),
        // From elsewhere, and to where nobody goes on from.
        desktop(5 * MINUTE, [10, 0, 0, 7], "srv-2", "amy"),
        desktop(5 * MINUTE, [10, 0, 0, 1], "srv-5", "amy"),
        // By somebody else, of whom nothing tells where the account comes from.
        desktop(5 * MINUTE, [10, 0, 0, 1], "srv-2", "bob"),
    ] {
        let movement = traced(vec![logon.clone()], Vec::new());
        assert!(movement.hops.iter().all(|hop| !hop.is_context), "{logon:?}");
        assert_eq!(all_paths(&movement), ["ws-1 > 10.0.0.1", "srv-2 > dc-1"], "{logon:?}");
    }
}

#[test]
fn what_alerts_join_needs_no_context() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        access(2 * MINUTE, "srv-1", "srv-2", "amy"),
        access(9 * MINUTE, "srv-2", "dc-1", "amy"),
    ];
    let alone = trace(&alerts, &Observations::default());
    let remote_logons = vec![desktop(5 * MINUTE, [10, 0, 0, 4], "srv-2", "amy")];
    let with = trace(&alerts, &Observations { remote_logons, ..Observations::default() });
    assert_eq!(with.hops, alone.hops);
    assert_eq!(with.forest, alone.forest);
}
