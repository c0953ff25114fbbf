using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  name     SHA-256 of everything that the packing depends on: the parameter's bytes and type, the form, the size, and this very build
//  file     64 bytes: "VCPACK1\0", size (u64), BLAKE3 root of the content (32 bytes); then, from byte 4,096, the content
//

/// <summary>Packed weights in files: another process maps them, and shares their memory, in place of packing again. A file is used only if its content
/// has the root that its head states; one that is damaged or from another build is made anew. Whole files are never removed here. Whoever can write
/// the folder is trusted: a file must stay as it is while it is in use.</summary>
/// <param name="folder">Where they are; made if need be, on Unix for its owner alone.</param>
/// <param name="hasher">Who hashes parameters and contents.</param>
internal sealed unsafe class PackCache(string folder, ILeafHasher hasher)
{
    private const int ContentPlace = 4096;
    private const int HeadBytes = 48;
    private const int RootPlace = 16;

    private static readonly ulong Magic = BinaryPrimitives.ReadUInt64LittleEndian("VCPACK1\0"u8);
    private static readonly Guid Build = typeof(PackCache).Module.ModuleVersionId;

    // Ends the names of files that are being written here, in this process or another one.
    private readonly string _partial = $".{Path.GetRandomFileName()}.partial";
    private readonly ConditionalWeakTable<Tensor, StrongBox<Digest>> _roots = [];

    /// <summary>The file of a form of a parameter; null where it cannot be named, or is too large to be hashed in one piece.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="key">A tuple of numbers, texts, types, maps and parameters; other things have no name.</param>
    /// <param name="bytes">Size of the form.</param>
    internal string? PathOf(Tensor parameter, object key, long bytes)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Build} {parameter.Type} {RootOf(parameter)} {bytes}");
        return bytes <= Array.MaxLength && Append(text, key)
            ? Path.Combine(folder, Ids.Of("packed weights", Encoding.UTF8.GetBytes(text.ToString())) + ".pack")
            : null;
    }

    /// <summary>The content of a file as memory; null where there is no such file, or it is not whole.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    internal MappedBytes? Find(string path, long bytes)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != ContentPlace + bytes)
        {
            return null;
        }

        MappedBytes mapped = MappedBytes.Open(path);
        ReadOnlySpan<byte> head = mapped.Slice(0, HeadBytes).Span;
        bool isWhole = mapped.Length == ContentPlace + bytes && BinaryPrimitives.ReadUInt64LittleEndian(head) == Magic
            && BinaryPrimitives.ReadInt64LittleEndian(head[sizeof(ulong)..]) == bytes
            && new Digest(head[RootPlace..HeadBytes]) == MerkleTree.TensorRoot(Suite.Blake3, Content(mapped, bytes).Span, hasher);
        if (isWhole)
        {
            return mapped;
        }

        mapped.Dispose();
        return null;
    }

    /// <summary>Where the content of a mapped file begins.</summary>
    internal static Memory<byte> Content(MappedBytes mapped, long bytes) => mapped.Slice(ContentPlace, (int)bytes);

    /// <summary>Writes a file: under another name, to the disk, then renamed.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left of it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void Keep(string path, nint content, long bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        ReadOnlySpan<byte> source = new((void*)content, (int)bytes);
        byte[] head = new byte[ContentPlace];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(sizeof(ulong)), bytes);
        MerkleTree.TensorRoot(Suite.Blake3, source, hasher).Span.CopyTo(head.AsSpan(RootPlace));
        string partial = path + _partial;
        try
        {
            using (FileStream file = new(partial, FileMode.Create, FileAccess.Write))
            {
                file.Write(head);
                file.Write(source);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    // Appends a text that two keys share only if they are equal.
    private bool Append(StringBuilder text, object? part)
    {
        switch (part)
        {
            case null:
                text.Append(" -");
                return true;
            case Tensor tensor:
                text.Append(CultureInfo.InvariantCulture, $" {tensor.Type} {RootOf(tensor)}");
                return true;
            case Type type:
                text.Append(CultureInfo.InvariantCulture, $" {type.FullName}");
                return true;
            case string or bool or int or long or AffineView:
                text.Append(CultureInfo.InvariantCulture, $" '{part}'");
                return true;
            case ITuple tuple:
                text.Append(" (");
                for (int i = 0; i < tuple.Length; i++)
                {
                    if (!Append(text, tuple[i]))
                    {
                        return false;
                    }
                }

                text.Append(')');
                return true;
            default:
                return false;
        }
    }

    private Digest RootOf(Tensor tensor)
    {
        if (!_roots.TryGetValue(tensor, out StrongBox<Digest>? root))
        {
            root = new(MerkleTree.TensorRoot(Suite.Blake3, tensor.Bytes.Span, hasher));
            _roots.Add(tensor, root);
            FileMemory.Drop(tensor.Bytes);
        }

        return root.Value;
    }
}
