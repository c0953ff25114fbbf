using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Machine code that the driver makes of a text's PTX, and how often its instructions of f32 and f64 come.
/// Since capability 7.0 an instruction has 16 bytes, and its lowest nine bits say what it does (CUDA Binary Utilities name them; the numbers are
/// known from disassemblies of each generation, so that they hold is checked: every function must have an EXIT).</summary>
internal static unsafe class Cubin
{
    private const int InstructionBytes = 16;
    private const int OpcodeMask = 0x1FF;
    private const int Exit = 0x14D;
    private const int JitInputPtx = 1;
    private const int HeaderOfSections = 0x28;
    private const int SizeOfSection = 0x3A;
    private const string Code = ".text.";

    private static readonly (int Opcode, string Name)[] Named =
        [(0x020, "FMUL"), (0x021, "FADD"), (0x023, "FFMA"), (0x028, "DMUL"), (0x029, "DADD"), (0x02B, "DFMA"), (Exit, "EXIT")];

    /// <summary>The driver's machine code for PTX. The context is this thread's.</summary>
    /// <param name="text">What it is called in messages.</param>
    /// <param name="ptx">The PTX.</param>
    /// <param name="capability">The device's compute capability times 10.</param>
    /// <exception cref="BackendException">The driver refuses.</exception>
    public static byte[] Of(string text, string ptx, int capability)
    {
        nint library = NativeLibrary.Load(Environment.GetEnvironmentVariable("VC_CUDA_LIB") is { Length: > 0 } other ? other : "libcuda.so.1");
        byte[] image = Encoding.UTF8.GetBytes(new PtxText(ptx).For(capability) + '\0');
        byte[] name = Encoding.UTF8.GetBytes(text + '\0');
        nint state;
        Check(
            ((delegate* unmanaged[Cdecl]<uint, void*, void*, nint*, int>)NativeLibrary.GetExport(library, "cuLinkCreate_v2"))(0, null, null, &state),
            "cuLinkCreate_v2");
        try
        {
            fixed (byte* first = image, words = name)
            {
                Check(
                    ((delegate* unmanaged[Cdecl]<nint, int, void*, nuint, byte*, uint, void*, void*, int>)
                        NativeLibrary.GetExport(library, "cuLinkAddData_v2"))(
                        state, JitInputPtx, first, (nuint)image.Length, words, 0, null, null),
                    "cuLinkAddData_v2");
            }

            void* made;
            nuint size;
            nint complete = NativeLibrary.GetExport(library, "cuLinkComplete");
            Check(((delegate* unmanaged[Cdecl]<nint, void**, nuint*, int>)complete)(state, &made, &size), "cuLinkComplete");
            return new ReadOnlySpan<byte>(made, (int)size).ToArray();
        }
        finally
        {
            _ = ((delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "cuLinkDestroy"))(state);
        }
    }

    /// <summary>Instructions of each function, by name: FMUL, FADD, FFMA, DMUL, DADD, DFMA, EXIT. Subroutines count with the function they lie in.</summary>
    public static Dictionary<string, Dictionary<string, int>> Count(byte[] cubin)
    {
        Dictionary<string, Dictionary<string, int>> functions = [];
        ReadOnlySpan<byte> elf = cubin;
        int sections = (int)BinaryPrimitives.ReadInt64LittleEndian(elf[HeaderOfSections..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf[SizeOfSection..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[(SizeOfSection + 2)..]);
        int names = Offset(elf, sections + (size * BinaryPrimitives.ReadUInt16LittleEndian(elf[(SizeOfSection + 4)..])));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = elf.Slice(sections + (size * i), size);
            ReadOnlySpan<byte> name = elf[(names + BinaryPrimitives.ReadInt32LittleEndian(section))..];
            string text = Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]);
            if (text.StartsWith(Code, StringComparison.Ordinal))
            {
                functions.Add(text[Code.Length..], Count(elf.Slice(Offset(section, 0), (int)BinaryPrimitives.ReadInt64LittleEndian(section[0x20..]))));
            }
        }

        return functions;
    }

    private static Dictionary<string, int> Count(ReadOnlySpan<byte> code)
    {
        Dictionary<string, int> counts = Named.ToDictionary(named => named.Name, _ => 0);
        for (int at = 0; at + InstructionBytes <= code.Length; at += InstructionBytes)
        {
            int opcode = BinaryPrimitives.ReadUInt16LittleEndian(code[at..]) & OpcodeMask;
            foreach ((int number, string name) in Named)
            {
                counts[name] += opcode == number ? 1 : 0;
            }
        }

        return counts;
    }

    private static int Offset(ReadOnlySpan<byte> elf, int section) => (int)BinaryPrimitives.ReadInt64LittleEndian(elf[(section + 0x18)..]);

    private static void Check(int status, string call) => Cuda.Check(status, call);
}
