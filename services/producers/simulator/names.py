"""What the storefront sells: departments, categories, and the words of its titles."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """``goes_with`` names the categories whose items complete this one's; ``price`` is the median."""

    department: str
    name: str
    nouns: tuple[str, ...]
    price: float
    goes_with: tuple[str, ...]

    @property
    def path(self) -> list[str]:
        return [self.department, self.name]


def _category(department: str, name: str, nouns: str, price: float, goes_with: str) -> Category:
    return Category(department, name, tuple(nouns.split(", ")), price, tuple(goes_with.split(", ")))


CATEGORIES = (
    _category("Home", "Lighting", "Desk Lamp, Floor Lamp, Pendant, Wall Light, Bedside Lamp", 59, "Light Bulbs, Desks"),
    _category("Home", "Light Bulbs", "LED Bulb, Filament Bulb, Spot Bulb, Smart Bulb", 9, "Lighting"),
    _category("Home", "Desks", "Writing Desk, Standing Desk, Corner Desk, Secretary", 320, "Chairs, Lighting"),
    _category("Home", "Chairs", "Desk Chair, Armchair, Stool, Rocking Chair, Bench", 180, "Desks, Textiles"),
    _category("Home", "Textiles", "Throw, Cushion, Rug, Curtain, Blanket", 45, "Chairs, Bedding"),
    _category("Home", "Bedding", "Duvet Cover, Pillowcase, Sheet Set, Quilt", 60, "Textiles"),
    _category("Kitchen", "Coffee", "Espresso Maker, Hand Grinder, Pour-Over Set, Moka Pot, Kettle", 75, "Cups, Beans"),
    _category("Kitchen", "Beans", "House Blend, Single Origin, Dark Roast, Decaf", 14, "Coffee, Cups"),
    _category("Kitchen", "Cups", "Mug, Espresso Cup, Tumbler, Tea Bowl", 16, "Coffee, Tableware"),
    _category("Kitchen", "Tableware", "Plate Set, Serving Bowl, Carafe, Cutlery Set", 48, "Cups, Cookware"),
    _category("Kitchen", "Cookware", "Skillet, Saucepan, Dutch Oven, Wok, Roasting Tray", 90, "Knives, Tableware"),
    _category("Kitchen", "Knives", "Chef's Knife, Paring Knife, Bread Knife, Sharpener", 65, "Cookware"),
    _category("Outdoor", "Tents", "Dome Tent, Tunnel Tent, Tarp, Bivouac", 240, "Sleeping Bags, Camp Kitchen"),
    _category("Outdoor", "Sleeping Bags", "Down Bag, Summer Bag, Liner, Sleeping Mat", 130, "Tents"),
    _category("Outdoor", "Camp Kitchen", "Gas Stove, Mess Kit, Water Filter, Cool Box", 40, "Tents, Backpacks"),
    _category("Outdoor", "Backpacks", "Day Pack, Trekking Pack, Duffel, Hip Bag", 110, "Hiking Boots, Camp Kitchen"),
    _category("Outdoor", "Hiking Boots", "Trail Shoe, Mountain Boot, Approach Shoe", 160, "Backpacks, Socks"),
    _category("Clothing", "Socks", "Hiking Socks, Wool Socks, Ankle Socks", 14, "Hiking Boots, Knitwear"),
    _category("Clothing", "Knitwear", "Jumper, Cardigan, Beanie, Scarf", 70, "Jackets"),
    _category("Clothing", "Jackets", "Rain Jacket, Parka, Fleece, Wind Shell", 150, "Knitwear, Socks"),
    _category("Music", "Headphones", "Headphones, Earbuds, Headset, Monitor Headphones", 140, "Speakers, Records"),
    _category("Music", "Speakers", "Bookshelf Speaker, Portable Speaker, Soundbar", 210, "Turntables, Headphones"),
    _category("Music", "Turntables", "Turntable, Cartridge, Slipmat, Preamp", 230, "Records, Speakers"),
    _category("Music", "Records", "Jazz LP, Soul LP, Folk LP, Ambient LP, Box Set", 26, "Turntables"),
)
STYLES = ("Nordic", "Industrial", "Classic", "Coastal", "Alpine", "Urban", "Vintage", "Minimal")
MARKS = (
    *("Oak", "Ash", "Linen", "Copper", "Slate", "Amber", "Indigo", "Moss", "Ivory", "Walnut", "Steel", "Cedar"),
    *("Brass", "Clay", "Sand", "Cobalt", "Birch", "Ochre", "Graphite", "Willow", "Coral", "Pine", "Pearl", "Rust"),
)
BRANDS = (
    *("Havn", "Tolley & Rhys", "Morrow", "Kestrel", "Lindqvist", "Pell Works", "Oriel", "Brae", "Sundby", "Marlowe"),
    *("Fjord & Field", "Castell", "Northgate", "Ember Lane", "Quill", "Harrow", "Vesper", "Almstad", "Rook", "Tern"),
)
DEVICES = ("mobile", "desktop", "tablet")
COUNTRIES = ("DE", "GB", "FR", "SE", "PL", "NL")


def title_of(category: Category, style: int, n: int) -> str:
    """The title of a category's ``n``-th item: ``Nordic Oak Desk Lamp``; numbered when the words run out."""
    noun = category.nouns[n % len(category.nouns)]
    mark = MARKS[(n // len(category.nouns)) % len(MARKS)]
    series = n // (len(category.nouns) * len(MARKS))
    return f"{STYLES[style]} {mark} {noun}" + (f" No. {series + 1}" if series else "")
