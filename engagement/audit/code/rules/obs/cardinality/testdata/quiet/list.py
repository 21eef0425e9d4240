from collections import Counter

seen = Counter(["user_id", "email"])
