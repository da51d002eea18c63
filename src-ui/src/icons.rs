//! Drawings: interface icons (Lucide) and brand icons (Simple Icons), drawn as elements of our own.

mod brand;
mod drawing;

pub use brand::brand;
pub use drawing::{Drawing, Element, drawing};

use icondata_core::IconData;
use yew::prelude::*;

/// An icon of either set.
#[derive(Clone, Copy)]
pub struct Icon(pub &'static IconData);

impl PartialEq for Icon {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

macro_rules! interface_icons {
    ($($name:ident = $source:ident),* $(,)?) => {
        $(
            #[doc = concat!("Lucide's `", stringify!($source), "`.")]
            pub const $name: fn() -> Icon = || Icon(icondata_lu::$source);
        )*

        /// Every interface icon with its name, for the page of components.
        pub const INTERFACE: &[(&str, fn() -> Icon)] = &[$((stringify!($name), $name)),*];
    };
}

interface_icons! {
    CONNECTORS = LuLayoutGrid,
    CONNECTIONS = LuCable,
    ACTIVITY = LuActivity,
    SETTINGS = LuSettings,
    GOOD = LuCircleCheck,
    WARNING = LuTriangleAlert,
    UNKNOWN = LuCircleHelp,
    GONE = LuUnplug,
    WAITING = LuClock,
    CANCELLED = LuBan,
    BAD = LuCircleX,
    EXPIRED = LuHourglass,
    PENDING = LuCircleDashed,
    CURRENT = LuCircleDot,
    CLOSE = LuX,
    COPY = LuCopy,
    CHECK = LuCheck,
    SEARCH = LuSearch,
    REFRESH = LuRefreshCw,
    SHOW = LuEye,
    HIDE = LuEyeOff,
    DOWN = LuChevronDown,
    EDIT = LuPencil,
    DISCONNECT = LuUnplug,
    TEST = LuHeartPulse,
    ACCOUNTS = LuUsers,
    DELETE = LuTrash2,
    ADD = LuPlus,
    PASTE = LuClipboardPaste,
    BACK = LuArrowLeft,
    KEY = LuKeyRound,
    SERVER = LuServer,
    SANDBOX = LuFlaskConical,
    BROWSER = LuGlobe,
    OFFLINE = LuCloudOff,
    OFF = LuPowerOff,
    INFO = LuInfo,
    PLUG = LuPlug,
    SWITCH = LuArrowRightLeft,
    WORKFLOWS = LuWorkflow,
    RUNS = LuHistory,
    RUN = LuPlay,
    STOP = LuCircleStop,
    SAVE = LuSave,
    UNDO = LuUndo2,
    REDO = LuRedo2,
    SOURCE = LuCodeXml,
    FIT = LuMaximize,
    MINUS = LuMinus,
    TIDY = LuAlignVerticalSpaceAround,
    IMPORT = LuFileUp,
    EXPORT = LuDownload,
    COMPARE = LuGitCompareArrows,
    MOVE = LuMove,
    RIGHT = LuArrowRight,
    KIND_SET = LuBraces,
    KIND_SWITCH = LuSplit,
    KIND_LOOP = LuRepeat,
    KIND_FORK = LuGitFork,
    KIND_TRY = LuShield,
    KIND_DO = LuListOrdered,
    KIND_WAIT = LuTimer,
    KIND_RAISE = LuOctagonAlert,
    KIND_EMIT = LuRadio,
    KIND_LISTEN = LuEar,
    KIND_RUN = LuTerminal,
    SKIPPED = LuCircleSlash,
}

/// An icon of an edge length in pixels, under a class of its own. It says nothing to a screen reader: words stand
/// beside it.
pub fn glyph(Icon(data): Icon, size: u32, class: &'static str) -> Html {
    let size = size.to_string();
    html! {
        <svg class={classes!("glyph", class)} width={size.clone()} height={size}
            viewBox={data.view_box.unwrap_or("0 0 24 24")} aria-hidden="true" focusable="false"
            fill={data.fill.unwrap_or("currentColor")} stroke={data.stroke} stroke-width={data.stroke_width}
            stroke-linecap={data.stroke_linecap} stroke-linejoin={data.stroke_linejoin}>
            { for drawing(data.data).elements().map(Element::to_html) }
        </svg>
    }
}
