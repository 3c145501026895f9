# SPDX-License-Identifier: GPL-3.0-or-later
from .remote import RemotePlugin
