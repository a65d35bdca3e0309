//! Every format on ordinary and on hostile content, as snapshots.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod bundle;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod html;
#[cfg(test)]
mod made;
#[cfg(test)]
mod results;
