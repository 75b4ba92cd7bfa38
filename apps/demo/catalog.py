"""What the demo shop sells. Fixed, so that a recording made today still fits tomorrow's shop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One thing on sale. `price_cents` is in US cents; `drawing` names a symbol in templates/demo/drawings.svg."""

    slug: str
    name: str
    price_cents: int
    tagline: str
    story: str
    drawing: str

    @property
    def price(self) -> str:
        """The price as the shop shows it, e.g. $48.00."""
        return f"${self.price_cents / 100:.2f}"


PRODUCTS: tuple[Product, ...] = (
    Product(
        "arc-lamp",
        "Arc lamp",
        8900,
        "Warm light, no glare",
        "A steel arm, a linen shade and a dimmer that remembers where you left it. Made in small runs by a "
        "workshop that repairs what it sells.",
        "lamp",
    ),
    Product(
        "field-notebook",
        "Field notebook",
        1400,
        "Lies flat, takes ink",
        "One hundred and sixty dotted pages, thread-sewn, with a cover that ages well in a pocket and a ribbon "
        "that does not fray.",
        "notebook",
    ),
    Product(
        "stone-mug",
        "Stone mug",
        2200,
        "Keeps coffee honest",
        "Thrown by hand from speckled clay and glazed on the inside only, so that the outside stays warm and rough.",
        "mug",
    ),
    Product(
        "wall-clock",
        "Quiet clock",
        6400,
        "Sweeps, never ticks",
        "An oak ring around a plain face, with a movement so quiet that you will have to look at it to know the time.",
        "clock",
    ),
    Product(
        "clay-planter",
        "Clay planter",
        3100,
        "Drains, breathes, forgives",
        "Unglazed terracotta with a deep saucer. The plant in the picture is not included; the patience is.",
        "planter",
    ),
    Product(
        "desk-tray",
        "Desk tray",
        2700,
        "A place for small things",
        "Felt-lined beech with three compartments: one for keys, one for pens, one for what you meant to put away.",
        "tray",
    ),
)

_BY_SLUG = {product.slug: product for product in PRODUCTS}


def by_slug(slug: str) -> Product | None:
    """The product called `slug`, or None."""
    return _BY_SLUG.get(slug)
