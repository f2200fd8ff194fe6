//! The template, deployed to an emulator: that its routes, roles and variables are those that the functions need, no fewer
//! and no more.

mod environment;
mod guard;
mod letter;
mod permissions;
mod protection;
mod roles;
mod routes;
