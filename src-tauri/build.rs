fn main() {
    // A fresh clone has no built UI yet; Tauri's macro only asks that the folder exists.
    std::fs::create_dir_all("dist").expect("create dist/");
    // None of these is announced by tauri-build where the folders are not in their usual places.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=dist");
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    let attributes = tauri_build::Attributes::new()
        .app_manifest(manifest)
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json");
    tauri_build::try_build(attributes).expect("tauri-build");
}
