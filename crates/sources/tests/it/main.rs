//! Integration tests of `sources`.

#[cfg(test)]
mod archives;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod balance;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod dates;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod export;
#[cfg(test)]
mod first_rows;
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
mod pieces;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod without_records;
