# What has no name is taken for nothing.
s/^        if (!name_of(refs\[i\], &object->link\[i\]))/        if (!name_of(refs[i], \&object->link[i]) \&\& false)/
s/return name_of(object_at(object), &object->link\[0\]) ? NULL : complain(object);/return name_of(object_at(object), \&object->link[0]) ? NULL : NULL;/
