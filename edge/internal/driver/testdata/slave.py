"""A Modbus RTU slave made of pymodbus 3.0, which nobody of this project wrote: unit 1 with memory for every address.

Usage: slave.py PORT. It prints "ready" when the port is open. Coils and registers keep what is written to them; the
discrete inputs 0 and 2 are on; the holding registers begin as a weight transmitter's that has its own tracking on, with a
temperature controller's probes from 256 on, and 211 in 0x8000 as the version of a relay board's firmware; the input registers 400 and 401 hold a float, its low word first. Only the
relay boards' pulse, a value that the standard does not know, is added here: it leaves its mark in coil 0x0800 + channel.
"""

import asyncio
import struct
import sys

from pymodbus.bit_write_message import WriteSingleCoilRequest, WriteSingleCoilResponse
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartAsyncSerialServer
from pymodbus.transaction import ModbusRtuFramer

REGISTERS = {8: 0x0022, 80: 0xFFFF, 81: 0xC1EF, 96: 5, 97: 10, 102: 20, 103: 10}
PROBES = {256: 42, 257: 0x10000 - 200, 258: 0x7FFF}
FLOAT = dict(zip((401, 400), struct.unpack(">HH", struct.pack(">f", 354.5))))
INPUTS = {0: 1, 2: 1}
VERSION = {0x8000: 211}
PULSE, MARK, CHANNELS = 0x0200, 0x0800, 8


class PulseResponse(WriteSingleCoilResponse):
    """The echo of a pulse, with its duration."""

    def encode(self):
        return struct.pack(">HH", self.address, self.value)


class PulseRequest(WriteSingleCoilRequest):
    """A write to one coil that is a pulse where its address says so."""

    def decode(self, data):
        super().decode(data)
        self.tenths = struct.unpack(">HH", data)[1]

    def execute(self, context):
        if not PULSE <= self.address < PULSE + CHANNELS:
            return super().execute(context)
        context.setValues(self.function_code, MARK + self.address - PULSE, [True])
        return PulseResponse(self.address, self.tenths)


def block(values, size=0x1000):
    memory = [0] * size
    for address, value in values.items():
        memory[address] = value
    return ModbusSequentialDataBlock(0, memory)


async def serve(port):
    slave = ModbusSlaveContext(
        co=block({}), di=block(INPUTS), hr=ModbusSparseDataBlock(dict.fromkeys(range(0x1000), 0) | REGISTERS | PROBES | VERSION), ir=block(FLOAT), zero_mode=True
    )
    server = await StartAsyncSerialServer(
        context=ModbusServerContext(slaves={1: slave}, single=False),
        framer=ModbusRtuFramer,
        port=port,
        baudrate=115200,
        defer_start=True,
    )
    server.decoder.register(PulseRequest)
    await server.start()
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(serve(sys.argv[1]))
