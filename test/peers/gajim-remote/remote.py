# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a test say what Gajim is to do, and hear what it shows: lines of JSON over a local socket."""

import json
import os
import socket

from gi.repository import GLib
from nbxmpp.protocol import JID

from gajim.common import app
from gajim.common import ged
from gajim.common.structs import OutgoingMessage
from gajim.plugins import GajimPlugin

ACCOUNT = 'peer'


class RemotePlugin(GajimPlugin):
    def init(self):
        self.description = 'Remote'
        self.config_dialog = None
        told = {
            'account-connected': self._on_connected,
            'message-received': self._on_message,
            'mam-message-received': self._on_message,
            'message-sent': self._on_sent,
            'receipt-received': self._on_receipt,
            'subscribe-presence-received': self._on_request,
        }
        self.events_handlers = {
            name: (ged.POSTGUI, handler) for name, handler in told.items()
        }

    def activate(self):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(os.environ['GAJIM_REMOTE'])
        self._waiting = b''
        GLib.io_add_watch(self._socket.fileno(), GLib.IO_IN, self._on_input)

    def deactivate(self):
        self._socket.close()

    def _tell(self, **event):
        self._socket.sendall((json.dumps(event) + '\n').encode())

    def _on_input(self, _descriptor, _condition):
        received = self._socket.recv(65536)
        if not received:
            app.app.quit()
            return False
        *lines, self._waiting = (self._waiting + received).split(b'\n')
        for line in lines:
            self._do(json.loads(line))
        return True

    def _do(self, wish):
        client = app.get_client(ACCOUNT)
        if wish['do'] == 'connect':
            client.change_status('online', '')
            return
        jid = JID.from_string(wish['to'])
        if wish['do'] == 'say':
            contact = client.get_module('Contacts').get_contact(jid)
            client.send_message(OutgoingMessage(ACCOUNT, contact, wish['text'], 'chat'))
        elif wish['do'] == 'subscribe':
            client.get_module('Presence').subscribe(jid)
        elif wish['do'] == 'allow':
            client.get_module('Presence').subscribed(jid)

    def _on_connected(self, event):
        self._tell(event='connected', account=event.account)

    def _on_message(self, event):
        properties = event.properties
        encryption = getattr(properties, 'eme', None)
        self._tell(
            event='message',
            text=event.msgtxt,
            jid=str(event.jid),
            carbon=properties.is_sent_carbon and 'sent'
            or properties.is_carbon_message and 'received'
            or None,
            archived=properties.is_mam_message,
            eme=None if encryption is None else encryption.namespace,
        )

    def _on_sent(self, event):
        self._tell(event='sent', text=event.message, id=event.message_id)

    def _on_receipt(self, event):
        self._tell(event='receipt', id=event.receipt_id)

    def _on_request(self, event):
        self._tell(event='request', jid=str(event.jid))
