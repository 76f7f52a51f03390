-- labs/lib/submission.lua -- what a student hands in, taken from a folder or a .tar.gz that nobody has looked at: only the
-- files that the lab asks for, plain ones, of a size that a person could have typed. Links, devices and whatever else lies
-- there are not touched, and nothing is written outside a temporary folder.
-- SPDX-License-Identifier: MIT
local M = {}

local MOST = 256 << 10 -- bytes of one file
local ARCHIVE_MOST = 4 << 20

-- The folder where a submission's files are: the archive's are taken out into `temp`, flat, so that no name of the
-- archive's decides where anything goes.
local function opened(lab, source, temp)
    local archive, why = flatfish.plain_file(source, ARCHIVE_MOST)
    if not archive then return nil, why end
    local words = { "tar", "-xzf", "-", "--no-same-owner", "--no-same-permissions", "--transform=s,.*/,,", "--wildcards" }
    words[3] = "archive.tar.gz"
    for _, name in ipairs(lab.files) do
        words[#words + 1] = name
        words[#words + 1] = "*/" .. name
    end
    assert(flatfish.write(temp .. "/archive.tar.gz", archive))
    words.folder, words.seconds, words.memory, words.file, words.output = temp, 10, 512, 4, 4096
    flatfish.spawn(words) -- what is missing afterwards is said file by file
    return temp
end

-- { name=, files={[name]=text}, wrong={[name]=why}, sum=digest of all }
function M.take(lab, source, temp)
    local listed = flatfish.list_folder(source)
    local one = { name = source:gsub("/+$", ""):match("([^/]+)$"):gsub("%.tar%.gz$", ""), files = {}, wrong = {} }
    local folder, why = source, nil
    if not listed then
        folder, why = opened(lab, source, temp)
    end
    local parts = {}
    for _, name in ipairs(lab.files) do
        local text, reason
        if folder then
            text, reason = flatfish.plain_file(folder .. "/" .. name, MOST)
        else
            reason = why
        end
        one.files[name] = text
        if not text then
            one.wrong[name] = reason:find("No such file", 1, true) and name .. " is missing" or
                reason:gsub(folder and folder:gsub("%W", "%%%0") .. "/" or "^$", "")
        end
        parts[#parts + 1] = name .. " " .. (text and flatfish.sha256(text) or one.wrong[name])
    end
    one.sum = flatfish.sha256(table.concat(parts, "\n"))
    return one
end

return M
