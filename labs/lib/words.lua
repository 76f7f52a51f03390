-- labs/lib/words.lua -- the command line of the course's two commands: name=value as the program puts them first, then the user's
-- words; and how both say what is wrong. SPDX-License-Identifier: MIT
return function(command)
    local settings, words = {}, {}
    for _, word in ipairs(arg) do
        local key, value = word:match("^(%l+)=(.*)$")
        if key and #words == 0 then
            settings[key] = value
        else
            words[#words + 1] = word
        end
    end
    return settings, words, function(code, format, ...)
        flatfish.say(("flatfish: %s: %s"):format(command, format:format(...)))
        flatfish.quit(code)
    end
end
