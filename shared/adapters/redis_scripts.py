"""What Redis does in one go, so that a view is written only forward: scripts for `EVAL`, of commands of Redis 6.2."""

from shared.contracts.views import AT_LENGTH, AT_START

# KEYS: what stands while anything is removed, then views; ARGV: seconds to live, then payloads. Returns how many were
# refused. What was removed is told by keys that the script names itself.
SET_IF_NOT_OLDER = f"""
local refused, any, ttl = 0, redis.call('EXISTS', KEYS[1]) == 1, ARGV[1]
for i = 2, #KEYS do
  local key, payload = KEYS[i], ARGV[i]
  local at = string.sub(payload, {AT_START + 1}, {AT_START + AT_LENGTH})
  local gone = any and redis.call('GET', KEYS[1] .. ':' .. redis.sha1hex(key))
  if redis.call('GETRANGE', key, {AT_START}, {AT_START + AT_LENGTH - 1}) <= at and (not gone or gone <= at) then
    if ttl == '0' then redis.call('SET', key, payload) else redis.call('SET', key, payload, 'EX', ttl) end
  else
    refused = refused + 1
  end
end
return refused
"""

# KEYS: the same; ARGV: the version, seconds.
REMOVE = f"""
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
for i = 2, #KEYS do
  local held = redis.call('GETRANGE', KEYS[i], {AT_START}, {AT_START + AT_LENGTH - 1})
  if held ~= '' and held <= ARGV[1] then redis.call('DEL', KEYS[i]) end
  local grave = KEYS[1] .. ':' .. redis.sha1hex(KEYS[i])
  local since = redis.call('GET', grave)
  if not since or since <= ARGV[1] then redis.call('SET', grave, ARGV[1], 'EX', ARGV[2]) end
end
return 0
"""

# KEYS: a list's view and its ZSET; ARGV: the list's `at`, then score and member by turns.
SET_ZSET_OF = f"""
if redis.call('GETRANGE', KEYS[1], {AT_START}, {AT_START + AT_LENGTH - 1}) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
"""

# KEYS: views, then the ZSET of the first, if it has one; ARGV: the version, how many views.
DROP = f"""
local views = tonumber(ARGV[2])
for i = 1, views do
  local held = redis.call('GETRANGE', KEYS[i], {AT_START}, {AT_START + AT_LENGTH - 1})
  if held ~= '' and held <= ARGV[1] then redis.call('DEL', KEYS[i]) end
end
if #KEYS > views and redis.call('EXISTS', KEYS[1]) == 0 then redis.call('DEL', KEYS[#KEYS]) end
return 0
"""

# KEYS: a set, its version, if wanted a stream of its changes; ARGV: the version, how many names the stream keeps,
# how many of the names that follow are to be in the set, names. Returns 0 if a later version was written.
CHANGE_MEMBERS = """
local held = redis.call('GET', KEYS[2])
if held and held > ARGV[1] then return 0 end
for i = 4, #ARGV do
  local there = i < 4 + tonumber(ARGV[3])
  local changed = redis.call(there and 'SADD' or 'SREM', KEYS[1], ARGV[i]) == 1
  if changed and KEYS[3] then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'item', ARGV[i], 'there', there and '1' or '0')
  end
end
redis.call('SET', KEYS[2], ARGV[1])
return 1
"""
