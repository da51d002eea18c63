//! Which system this is, as far as advice on keyring and links depends on it.

/// The system and, on Linux, its desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// KDE Plasma, whose keyring is KWallet.
    Kde,
    /// Another Linux desktop, whose keyring is gnome-keyring or one like it.
    LinuxDesktop,
    /// Linux without a session bus: nothing can be asked of a desktop.
    NoSessionBus,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The platform of that operating system's name (`std::env::consts::OS`), with the environment's variables
    /// and whether the session bus's usual socket is there.
    #[must_use]
    pub fn detect(os: &str, variable: impl Fn(&str) -> Option<String>, has_bus_socket: bool) -> Platform {
        match os {
            "macos" => Platform::MacOs,
            "windows" => Platform::Windows,
            _ if variable("DBUS_SESSION_BUS_ADDRESS").is_none() && !has_bus_socket => Platform::NoSessionBus,
            _ => {
                let desktop = variable("XDG_CURRENT_DESKTOP").unwrap_or_default().to_uppercase();
                let is_kde = desktop.split(':').any(|name| name == "KDE");
                if is_kde { Platform::Kde } else { Platform::LinuxDesktop }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Platform;

    #[test]
    fn it_is_known_by_the_environment() {
        let detect = |os: &str, bus: bool, desktop: &str| {
            let desktop = desktop.to_owned();
            let variable = move |name: &str| match name {
                "XDG_CURRENT_DESKTOP" => Some(desktop.clone()),
                "DBUS_SESSION_BUS_ADDRESS" => bus.then(|| "unix:path=/run/user/1/bus".to_owned()),
                _ => None,
            };
            Platform::detect(os, variable, false)
        };
        assert_eq!(detect("linux", true, "KDE"), Platform::Kde);
        assert_eq!(detect("linux", true, "ubuntu:GNOME"), Platform::LinuxDesktop);
        assert_eq!(detect("linux", false, "GNOME"), Platform::NoSessionBus);
        assert_eq!(detect("macos", false, ""), Platform::MacOs);
        assert_eq!(detect("windows", false, ""), Platform::Windows);
        assert_eq!(Platform::detect("linux", |_| None, true), Platform::LinuxDesktop);
    }
}
