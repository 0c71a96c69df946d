//! HTML as text, where every value is escaped unless it is HTML already.

use std::fmt::{self, Display, Formatter};

/// HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markup(pub String);

/// What may stand in HTML.
pub trait Render {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

/// A value in a template.
pub struct Piece<'a, T: ?Sized>(pub &'a T);

impl<T: Render + ?Sized> Display for Piece<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.render(f)
    }
}

impl Render for str {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

impl Render for String {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_str().render(f)
    }
}

impl Render for Markup {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Render + ?Sized> Render for &T {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (**self).render(f)
    }
}

impl<T: Render> Render for Option<T> {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |value| value.render(f))
    }
}

impl<T: Render> Render for Vec<T> {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|value| value.render(f))
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Render for $number {
            fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}
numbers!(i64, u64, usize);

/// `html!("<p>{text}</p>", text = …)`. Values have to be named: what a template would capture by itself, nothing would
/// escape, and the compiler refuses it.
macro_rules! html {
    ($template:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::tracking::markup::Markup(format!(
            concat!($template),
            $($name = $crate::tracking::markup::Piece(&$value)),*
        ))
    };
}
pub(crate) use html;

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_escaped_once() {
        let name = "<script>\"Tom & 'Co'\"</script>".to_owned();
        let inner = html!("<b>{name}</b>", name = name);
        let outer = html!(
            "<p>{inner}{none}</p>",
            inner = vec![inner],
            none = None::<String>
        );
        assert_eq!(
            outer.0,
            "<p><b>&lt;script&gt;&quot;Tom &amp; &#39;Co&#39;&quot;&lt;/script&gt;</b></p>"
        );
    }
}
