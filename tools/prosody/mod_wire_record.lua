-- SPDX-License-Identifier: GPL-3.0-or-later
-- Appends every stanza that clients send and receive to the file `wire_record_file`, one XML element
-- per line, as this server saw it. For demonstrations and tests on one's own machine only.

module:set_global();

local filters = require "util.filters";
local st = require "util.stanza";
local datetime = require "util.datetime";

local path = module:get_option_path("wire_record_file", nil, "data");
local file = assert(io.open(path, "a"));
file:setvbuf("line");

local is_stanza = { message = true, presence = true, iq = true };

-- A new account's password is nobody's business, and nothing in the record needs it.
local function without_password(stanza)
	if stanza.name ~= "iq" or not stanza:get_child("query", "jabber:iq:register") then
		return stanza;
	end
	return st.clone(stanza):maptags(function (child)
		if child.attr.xmlns == "jabber:iq:register" then
			child:remove_children("password");
		end
		return child;
	end);
end

local function record(direction, stanza, session)
	if not st.is_stanza(stanza) or not is_stanza[stanza.name] then
		return stanza;
	end
	local entry = st.stanza("entry", {
		at = datetime.datetime();
		direction = direction;
		client = session.full_jid or "";
	}):add_child(without_password(stanza));
	-- Line feeds inside of text stay readable as references, so that an entry is a line.
	file:write((tostring(entry):gsub("\n", "&#10;")), "\n");
	return stanza;
end

local function on_in(stanza, session)
	return record("from-client", stanza, session);
end

local function on_out(stanza, session)
	return record("to-client", stanza, session);
end

local function watch(session)
	filters.add_filter(session, "stanzas/in", on_in, -10000);
	filters.add_filter(session, "stanzas/out", on_out, 10000);
end

filters.add_filter_hook(watch);

function module.unload()
	filters.remove_filter_hook(watch);
	file:close();
end
