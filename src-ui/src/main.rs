//! Starts the window's application.

fn main() {
    patchbay_ui::run();
}
