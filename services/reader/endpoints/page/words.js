// The reader's codes in words.

export const SOURCES = {
  personal: "their own list",
  session: "from this session",
  preferences: "from what they like",
  context: "from their device or country",
  segment: "from people like them",
  category: "from the category asked for",
  trending: "what trends",
  popular: "what is popular",
  similar: "what is near the item",
  related: "what goes with it",
  again: "what they took before",
  viewed: "what they looked at",
  new: "new in the catalogue",
  none: "nothing to show",
};

const WHY = {
  together: "met together with what they did",
  cooc: "met together",
  next: "often comes next",
  quick: "often comes next these hours",
  alike: "alike by the catalogue",
  again: "taken before",
  taste: "liked by people with such a history",
  batch: "chosen for them",
  bought: "bought by the same people",
  trend: "trending now",
  pop: "popular",
  new: "new here",
  viewed: "looked at before",
};

export const EMPTY = {
  for_you: "For you",
  because_you_viewed: "Because you viewed …",
  buy_again: "Buy again",
  recently_viewed: "Recently viewed",
  trending: "Trending",
  new_for_you: "New for you",
};

// Why an item stands there: the reader's own words, else those of its code.
export const reason = (list, place) => (list.reasons || [])[place] || WHY[list.why[place]] || list.why[place] || "";
