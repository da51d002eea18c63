//! Opens a window and nothing else.

fn main() {
    if let Err(error) = tauri::Builder::default().run(tauri::generate_context!()) {
        eprintln!("the window could not be opened: {error}");
        std::process::exit(1);
    }
}
