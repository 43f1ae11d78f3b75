/**
 * The scripts that run in Redis, each at one stroke. Redis 6.2 has all that they use.
 *
 * Each begins with the same three arguments: the life of the server and whether it keeps what it
 * acknowledged ({@linkcode ServerLife}), and `1` where the call may have been refused before.
 */

/** A script, and its arguments beyond those that all have. */
export interface Script {
  readonly name: string;
  readonly text: string;
}

/**
 * What a topic is: `KEYS[1]` its state, `KEYS[2]` its log, `ARGV[4]` what a new epoch begins with.
 *
 * A server that came back without the last of what it had acknowledged has offsets that were given
 * before, to something else: the epoch is another one then. The log stays, under the offsets that it has.
 * A log without a state is left over; nothing is written without need, since Redis looks for memory
 * before the first write of a script only.
 */
const STATE = `
local text = redis.call('GET', KEYS[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch, top, bytes, life
if text then
  epoch, top, bytes, life = string.match(text, '^([%w_-]+) (%d+) (%d+) (%S*)$')
  if not epoch then return redis.error_reply('ERR ' .. KEYS[1] .. ' holds what is no topic') end
elseif redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('DEL', KEYS[2])
end
local anew = not text or life ~= ARGV[1] and ARGV[2] == '0'
if anew then epoch = ARGV[4] .. string.format('%x%05x', time[1], time[2]) end
top = tonumber(top or 0)
bytes = tonumber(bytes or 0)
`;

/** Takes one from the beginning of the log. Its head is a line, which does not count. */
const DROP = `
local function drop()
  local gone = redis.call('LPOP', KEYS[2])
  if gone then bytes = bytes - #gone + (string.find(gone, '\\n', 1, true) or 0) end
  return gone
end
`;

/**
 * Appends: `KEYS[3]` is what the producer did last; the arguments are epoch, producer, number, payload,
 * history, bytes, ttl, milliseconds that the producer is remembered, channel.
 *
 * A record of the log is a line of its offset, the time, the producer's number and the producer, and then
 * the payload. Whoever sends a record again is told where it is; one that may have been refused is
 * looked for in the log, since a later one of the same producer may have been taken.
 */
export const APPEND: Script = {
  name: "append",
  text: `${STATE}${DROP}
local number = tonumber(ARGV[6])
local seen = redis.call('GET', KEYS[3])
local last, at
if seen then
  last, at = string.match(seen, '^(%d+) (%d+)$')
  if not last then return redis.error_reply('ERR ' .. KEYS[3] .. ' holds what is no producer') end
  last = tonumber(last)
  at = tonumber(at)
end
local function find()
  local index = redis.call('LLEN', KEYS[2]) - 1
  while index >= 0 do
    local records = redis.call('LRANGE', KEYS[2], math.max(0, index - 63), index)
    for i = #records, 1, -1 do
      local offset, its, who = string.match(records[i], '^(%d+) %d+ (%d+) ([^\\n]*)\\n')
      if who == ARGV[5] then
        if tonumber(its) == number then return tonumber(offset) end
        if tonumber(its) < number and ARGV[3] == '0' then return nil end
      end
    end
    index = index - 64
  end
end
if last and number <= last then
  local offset
  if number == last then offset = at else offset = find() end
  if offset or ARGV[3] == '0' then return {epoch, math.min(offset or at, top), 1} end
end
local offset = top + 1
local payload = ARGV[7]
local head = string.format('%d %d %s %s\\n', offset, now, ARGV[6], ARGV[5])
local length = redis.call('RPUSH', KEYS[2], head .. payload)
if length == 1 then bytes = #payload else bytes = bytes + #payload end
local history = tonumber(ARGV[8])
local most = tonumber(ARGV[9])
while length > history or length > 0 and bytes > most do
  drop()
  length = length - 1
end
redis.call('PEXPIRE', KEYS[2], ARGV[10])
redis.call('SET', KEYS[1], string.format('%s %d %d %s', epoch, offset, bytes, ARGV[1]), 'PX', ARGV[10])
if not last or number > last then
  redis.call('SET', KEYS[3], string.format('%s %d', ARGV[6], offset), 'PX', ARGV[11])
end
redis.call('PUBLISH', ARGV[12], string.format('%s.%d\\n', epoch, offset) .. payload)
return {epoch, offset, 0}
`,
};

/**
 * Reads: the arguments are epoch, history, bytes, ttl; `all`, `none`, or `after` with the epoch and the
 * offset to read after. Answers epoch, last offset, whether it is whole, and the records.
 */
export const READ: Script = {
  name: "read",
  text: `${STATE}${DROP}
local length = redis.call('LLEN', KEYS[2])
local history = tonumber(ARGV[5])
local most = tonumber(ARGV[6])
local oldest = now - tonumber(ARGV[7])
local had = bytes
if length == 0 then bytes = 0 end
while length > 0 do
  local born = tonumber(string.match(redis.call('LINDEX', KEYS[2], 0), '^%d+ (%d+) ') or 0)
  if length <= history and bytes <= most and born > oldest then break end
  drop()
  length = length - 1
end
if anew or bytes ~= had then
  local state = string.format('%s %d %d %s', epoch, top, bytes, ARGV[1])
  if text then redis.call('SET', KEYS[1], state, 'KEEPTTL')
  else redis.call('SET', KEYS[1], state, 'PX', ARGV[7]) end
end
local first = top - length + 1
local after = top
if ARGV[8] == 'all' then after = first - 1 end
if ARGV[8] == 'after' then after = tonumber(ARGV[10]) end
local same = ARGV[8] ~= 'after' or ARGV[9] == epoch
local whole = same and after <= top and after >= first - 1
local answer = {epoch, top, whole and 1 or 0}
if whole and after < top then
  local records = redis.call('LRANGE', KEYS[2], after + 1 - first, -1)
  for i = 1, #records do answer[i + 3] = records[i] end
end
return answer
`,
};

/**
 * Tells of a change: `KEYS[1]` is who is there, `KEYS[2]` the state of it, `ARGV[4]` what a new epoch
 * begins with, `ARGV[5]` the channel.
 */
const TELL = `
local function place()
  local text = redis.call('GET', KEYS[2])
  if text then
    local epoch, offset = string.match(text, '^([%w_-]+) (%d+)$')
    if not epoch then return nil end
    return epoch, tonumber(offset)
  end
  local time = redis.call('TIME')
  return ARGV[4] .. string.format('%x%05x', time[1], time[2]), 0
end
local epoch, offset = place()
if not epoch then return redis.error_reply('ERR ' .. KEYS[2] .. ' holds what is no presence') end
local function keep()
  redis.call('SET', KEYS[2], string.format('%s %d', epoch, offset), 'PX', 3600000)
end
local function tell(what)
  offset = offset + 1
  keep()
  redis.call('PUBLISH', ARGV[5], string.format('%s.%d\\n', epoch, offset) .. what)
end
`;

/** Adds a record, or replaces its info: field, info. */
export const JOIN: Script = {
  name: "join",
  text: `${TELL}
if redis.call('HGET', KEYS[1], ARGV[6]) == ARGV[7] then return 0 end
redis.call('HSET', KEYS[1], ARGV[6], ARGV[7])
tell('+' .. ARGV[6] .. '\\n' .. ARGV[7])
return 1
`,
};

/** Takes a record away: field. */
export const LEAVE: Script = {
  name: "leave",
  text: `${TELL}
local info = redis.call('HGET', KEYS[1], ARGV[6])
if not info then return 0 end
redis.call('HDEL', KEYS[1], ARGV[6])
tell('-' .. ARGV[6] .. '\\n' .. info)
return 1
`,
};

/** Takes all records of a process away: what their fields begin with. */
export const BURY: Script = {
  name: "bury",
  text: `${TELL}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, #ARGV[6]) == ARGV[6] then
    redis.call('HDEL', KEYS[1], all[i])
    tell('-' .. all[i] .. '\\n' .. all[i + 1])
  end
end
return 1
`,
};

/** Gives all records: epoch and offset, and then each field and its info. */
export const LIST: Script = {
  name: "list",
  text: `${TELL}
keep()
local answer = redis.call('HGETALL', KEYS[1])
table.insert(answer, 1, offset)
table.insert(answer, 1, epoch)
return answer
`,
};

/**
 * Tells that a process lives: `KEYS[1]` is the processes; the arguments are the process, the milliseconds
 * of a life without a sign, and what the key of the topics of a process begins with. Answers whether the
 * process is a new one, and the dead.
 */
export const BEAT: Script = {
  name: "beat",
  text: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {redis.call('ZADD', KEYS[1], now, ARGV[4])}
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[5]))) do
  if redis.call('EXISTS', ARGV[6] .. node) == 1 then answer[#answer + 1] = node
  else redis.call('ZREM', KEYS[1], node) end
end
return answer
`,
};

/**
 * Says that a process has records in a topic: `KEYS[1]` is the processes, `KEYS[2]` the topics of this
 * one; the arguments are the process and the topic. Answers whether the process is a new one.
 */
export const ENLIST: Script = {
  name: "enlist",
  text: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isNew = redis.call('ZADD', KEYS[1], 'NX', now, ARGV[4])
redis.call('SADD', KEYS[2], ARGV[5])
return {isNew}
`,
};

/** Says that it has none there any more. With `1` as the third argument it is a dead one. */
export const STRIKE: Script = {
  name: "strike",
  text: `
redis.call('SREM', KEYS[2], ARGV[5])
if ARGV[6] == '1' and redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], ARGV[4]) end
return 1
`,
};

/** Gives the topics of a process. */
export const TOPICS: Script = {
  name: "topics",
  text: `return redis.call('SMEMBERS', KEYS[2])`,
};

/** All of them. */
export const SCRIPTS: readonly Script[] = [
  APPEND,
  READ,
  JOIN,
  LEAVE,
  BURY,
  LIST,
  BEAT,
  ENLIST,
  STRIKE,
  TOPICS,
];
