using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using Microsoft.Win32.SafeHandles;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Reads tensors from files beside the model; large files are mapped. A path must stay inside the model's folder, links followed; and all tensors
/// together may not take more bytes than their files hold, unless they share a place exactly.</summary>
/// <param name="folder">Folder of the model.</param>
internal sealed class ExternalData(string folder)
{
    private readonly string _root = RealPath.Of(Path.GetFullPath(folder));
    private readonly Dictionary<(string Path, long Offset, long Length), ReadOnlyMemory<byte>> _read = [];
    private readonly Dictionary<string, long> _taken = [];
    private readonly Dictionary<string, MappedFile> _mapped = [];

    /// <summary>The tensor, canonical; or null with the defects noted.</summary>
    internal Tensor? Read(TensorProto proto, TensorType type, string who, DefectList defects)
    {
        string? location = null;
        string? offsetText = null;
        string? lengthText = null;
        foreach (StringStringEntryProto entry in proto.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offsetText = entry.Value;
                    break;
                case "length":
                    lengthText = entry.Value;
                    break;
                default:
                    break;
            }
        }

        long offset = 0;
        long length = type.Bytes;
        if (!TryNumber(offsetText, ref offset) || !TryNumber(lengthText, ref length))
        {
            defects.Invalid($"{who}: external offset '{offsetText}' or length '{lengthText}' is not a number");
            return null;
        }

        if (length != type.Bytes)
        {
            defects.Invalid($"{who}: {type} needs {type.Bytes} bytes of external data, got {length}");
            return null;
        }

        string? path = Locate(location, who, defects);
        return path is null ? null : Read(path, location!, offset, type, who, defects);
    }

    private static bool TryNumber(string? text, ref long value)
        => string.IsNullOrEmpty(text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private string? Locate(string? location, string who, DefectList defects)
    {
        if (string.IsNullOrEmpty(location))
        {
            defects.Invalid($"{who}: external data without a location");
            return null;
        }

        string[] parts = location.Split('/', '\\');
        if (Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal) || location.Contains('\0', StringComparison.Ordinal)
            || parts[0].Length == 0 || Array.Exists(parts, part => part == ".."))
        {
            defects.Invalid($"{who}: external location '{location}' leaves the model's folder");
            return null;
        }

        string path = Path.Combine(_root, location);
        if (!File.Exists(path))
        {
            defects.Invalid($"{who}: external file '{location}' does not exist");
            return null;
        }

        string real = RealPath.Of(path);
        string inside = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        if (!real.StartsWith(inside, StringComparison.Ordinal))
        {
            defects.Invalid($"{who}: external location '{location}' leaves the model's folder");
            return null;
        }

        return real;
    }

    private Tensor? Read(string path, string location, long offset, TensorType type, string who, DefectList defects)
    {
        long size = new FileInfo(path).Length;
        if (offset > size || type.Bytes > size - offset)
        {
            defects.Invalid($"{who}: bytes {offset} to {(Int128)offset + type.Bytes} of '{location}' lie outside its {size} bytes");
            return null;
        }

        if (!_read.TryGetValue((path, offset, type.Bytes), out ReadOnlyMemory<byte> bytes))
        {
            long taken = _taken.GetValueOrDefault(path) + type.Bytes;
            if (taken > size)
            {
                defects.Invalid($"{who}: the tensors in '{location}' overlap: together they take more than its {size} bytes");
                return null;
            }

            _taken[path] = taken;
            bytes = size < OnnxLimits.MappedBytes ? Bytes(path, offset, (int)type.Bytes) : Mapped(path).Slice(offset, (int)type.Bytes);
            _read[(path, offset, type.Bytes)] = bytes;
        }

        return TensorDecoder.Adopt(type, bytes);
    }

    private MappedFile Mapped(string path)
    {
        if (!_mapped.TryGetValue(path, out MappedFile? file))
        {
            file = MappedFile.Open(path);
            _mapped.Add(path, file);
        }

        return file;
    }

    private static byte[] Bytes(string path, long offset, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        using SafeFileHandle file = File.OpenHandle(path);
        int done = 0;
        while (done < length)
        {
            int count = RandomAccess.Read(file, bytes.AsSpan(done), offset + done);
            if (count == 0)
            {
                throw new EndOfStreamException($"'{path}' became shorter while it was read");
            }

            done += count;
        }

        return bytes;
    }
}
