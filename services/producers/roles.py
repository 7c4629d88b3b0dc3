"""What the columns of a log are called: role → names, the surest first. Names are compared without case and marks."""

from collections.abc import Mapping, Sequence

from services.producers.kinds import plain

EVENT_ROLES: dict[str, tuple[str, ...]] = {
    role: tuple(names.split())
    for role, names in {
        "ts": "ts tsms timestampms timestamp eventtimestamp eventtime eventts unixtimestamp unixreviewtime unixtime "
        "clicktimestamp datetime time occurredat createdat creationtime createtime serverts servertimestamp "
        "servertime actiontime behaviortime invoicedate orderdate purchasedate transactiondate transactiontime "
        "reviewtime reviewdate ratingtimestamp ratingdate tdat lastwatchdt eventdate date when epoch utc day",
        "user": "userid user uid useridx customerid customer custid visitorid visitor fullvisitorid reviewerid "
        "memberid member accountid account clientid profileid householdkey householdid household shopperid buyerid "
        "viewerid listenerid readerid playerid personid subscriberid msno username userpseudoid anonymousid cookieid "
        "deviceid",
        "item": "itemid item iid productid product prodid stockcode sku skuid movieid parentasin asin articleid "
        "clickarticleid article newsid videoid trackid songid artistid bookid isbn businessid contentid documentid "
        "docid gameid appid adid offerid hotelid listingid placeid poiid venueid locationid goodsid materialid "
        "variantid postid pageid showid animeid recipeid beerid courseid productcode itemcode filmid titleid "
        "podcastid episodeid jobid objectid targetid aid track movie song artist book game video url",
        "type": "eventtype event type action actiontype behaviortype behavior behaviourtype behaviour eventname "
        "eventkind interaction interactiontype activity kind",
        "session": "sessionid session usersession sessionkey sid visitid",
        "basket": "basketid basket invoice invoiceno invoiceid orderid ordernumber transactionid receiptid receipt "
        "checkoutid orderno",
        "event_id": "eventid messageid",
        "rating": "rating ratings stars overall score reviewoverall ratingvalue",
        "price": "price unitprice salesvalue amount sales revenue itemprice",
        "dwell": "dwell dwelltime dwellms readtime playduration watchtime duration",
        "value": "value",
        "quantity": "quantity qty units count",
    }.items()
}
ITEM_ROLES: dict[str, tuple[str, ...]] = {
    role: tuple(names.split())
    for role, names in {
        "item": " ".join(EVENT_ROLES["item"]) + " id",
        "title": "title name itemname productname producttitle movietitle itemtitle prodname displayname "
        "headline productdescription itemdescription",
        "description": "description abstract summary overview detaildesc",
        "brand": "brand brandname itembrand manufacturer maker publisher vendor",
        "price": "price unitprice listprice saleprice",
        "image": "image imageurl img thumbnail imurl picture",
        "parent": "parentid groupid",
    }.items()
}
# from the widest level to the narrowest; category ids only where there are no names
CATEGORY_NAMES = (
    *("department", "section", "maincategory", "category", "categories", "categorycode", "categoryname"),
    *("genre", "genres", "topic", "itemcategory", "subcategory", "subcategories", "productgroupname"),
    *("categoryl1", "categoryl2", "categoryl3", "category1", "category2", "category3"),
    *("productcategory", "productcategoryname", "producttype", "producttypename", "garmentgroupname"),
)
CATEGORY_IDS = ("categoryid", "catid", "genreid")
WEAK_TYPES = {"type", "kind", "activity", "event"}  # these often name something else: believed only if the values fit


def assign(
    columns: Sequence[str], roles: Mapping[str, tuple[str, ...]], given: Mapping[str, str | None]
) -> dict[str, int]:
    """Role → column index. ``given`` holds the user's own choices by column name (or 1-based number)."""
    found = {role: position(columns, name) for role, name in given.items() if name}
    whole, tails = [plain(c) for c in columns], [plain(c.rsplit(".", 1)[-1]) for c in columns]
    for role, aliases in roles.items():
        if role not in found:
            index = _first(whole, aliases, set(found.values()))
            index = _first(tails, aliases, set(found.values())) if index is None else index
            if index is not None:
                found[role] = index
    return found


def _first(names: Sequence[str], aliases: Sequence[str], taken: set[int]) -> int | None:
    """The free column with the surest of the names."""
    return next((i for alias in aliases for i, name in enumerate(names) if name == alias and i not in taken), None)


def position(columns: Sequence[str], name: str) -> int:
    """The index of a column that the user names; ValueError if there is none."""
    if name in columns:
        return columns.index(name)
    alike = [i for i, c in enumerate(columns) if plain(c) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    raise ValueError(f"no column {name!r}; there are: {', '.join(columns)}")


def categories(columns: Sequence[str], taken: set[int]) -> tuple[list[int], list[int]]:
    """The columns that hold categories by name, widest first, and those that hold only their ids."""
    names = [plain(c) for c in columns]

    def named(wanted: Sequence[str]) -> list[int]:
        return [i for w in wanted for i, name in enumerate(names) if name == w and i not in taken]

    return named(CATEGORY_NAMES), named(CATEGORY_IDS)
