//! The template, deployed to an emulator: that its routes, roles and variables are those that the functions need, no fewer
//! and no more.

mod environment;
mod letter;
mod permissions;
mod protection;
mod roles;
mod routes;
