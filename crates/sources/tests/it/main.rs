//! Integration tests of `sources`.

#[cfg(test)]
mod archives;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod balance;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod collectors;
#[cfg(test)]
mod dates;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod export;
#[cfg(test)]
mod first_rows;
#[cfg(test)]
mod get_winevent;
#[cfg(test)]
mod left_out;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod parquet;
#[cfg(test)]
mod same_event;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod without_records;
